#include "runtime/trace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/thread_budget.hpp"
#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/log_watch.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"
#include "vivace/engine.hpp"

namespace vivace::runtime {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

json events_of(const std::filesystem::path& trace) { return json::parse(test::read_text(trace)).at("traceEvents"); }

json named(const json& events, const std::string& name) {
  json found = json::array();
  std::copy_if(events.begin(), events.end(), std::back_inserter(found),
               [&](const json& event) { return event.value("name", "") == name; });
  return found;
}

TEST(Trace, TimesCountFromTheFirstEvent) {
  const test::TemporaryFolder folder;
  Trace trace;
  const Trace::Clock::time_point now = Trace::Clock::now();
  trace.add("infer", now + 1ms, now + 3ms, 4);
  trace.add_waiting("queue", now, now + 1ms, 4);
  trace.write(folder / "trace.json", nullptr);
  const json events = events_of(folder / "trace.json");
  const json infer = named(events, "infer").at(0);
  EXPECT_DOUBLE_EQ(infer.at("ts"), 1000);
  EXPECT_DOUBLE_EQ(infer.at("dur"), 2000);
  EXPECT_EQ(infer.at("args").at("rows"), 4);
  const json queue = named(events, "queue");
  ASSERT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue.at(0).at("ph"), "b");
  EXPECT_EQ(queue.at(0).at("id"), queue.at(1).at("id"));
  EXPECT_DOUBLE_EQ(queue.at(1).at("ts").get<double>() - queue.at(0).at("ts").get<double>(), 1000);
}

TEST(Trace, WhatIsNoTraceIsRefused) {
  const test::TemporaryFolder folder;
  for (const char* text : {"", "[", "{}", "[{\"ts\": \"late\"}]"}) {
    test::write_text(folder / "backend.json", text);
    const BackendProfile backend{folder / "backend.json", std::chrono::system_clock::now()};
    test::expect_error(ErrorCode::corrupt_data, [&] { Trace().write(folder / "trace.json", &backend); });
  }
}

TEST(Trace, EventsOfABackendAreJoinedInBothForms) {
  const test::TemporaryFolder folder;
  for (const char* text : {R"([{"name": "Conv", "ts": 5.0, "args": {"ts": 1}}])",
                           R"({"traceEvents": [{"name": "Conv", "ts": 5.0, "args": {"ts": 1}}]})"}) {
    test::write_text(folder / "backend.json", text);
    const BackendProfile backend{folder / "backend.json", std::chrono::system_clock::now()};
    Trace trace;
    trace.add("infer", Trace::Clock::now() - 1s, Trace::Clock::now(), 1);
    trace.write(folder / "trace.json", &backend);
    const json events = events_of(folder / "trace.json");
    ASSERT_EQ(events.size(), 2U);
    EXPECT_GE(events.at(0).at("ts"), 1e6) << "the backend began a second behind the first event";
    EXPECT_EQ(events.at(0).at("args").at("ts"), 1);
    EXPECT_EQ(events.at(1).at("name"), "infer");
  }
}

/// The events of an engine on net.onnx in `folder`, which ran as often as that, a row at a time.
json traced(const test::TemporaryFolder& folder, std::size_t runs) {
  test::write_text(folder / "net.onnx", test::tiny_graph({"x", {-1, 8}}, {{"y", {-1, 3}}}));
  EngineOptions options;
  options.model = folder / "net.onnx";
  options.trace = folder / "trace.json";
  {
    Engine engine(options);
    for (std::size_t i = 0; i < runs; ++i) engine.predict({{"x", Tensor(ElementType::float32, {1, 8})}});
  }
  return events_of(options.trace);
}

TEST(Trace, OfAnEngineHoldsItsStagesAndThoseOfTheBackend) {
  const test::TemporaryFolder folder;
  const json events = traced(folder, 3);
  EXPECT_EQ(named(events, "infer").size(), 3U);
  EXPECT_EQ(named(events, "prepare").size(), 3U);
  EXPECT_EQ(named(events, "queue").size(), 6U);
  EXPECT_EQ(named(events, "model_run").size(), 3U);
  EXPECT_EQ(folder.names(), (std::set<std::string>{"net.onnx", "trace.json"})) << "the backend's own file is gone";
}

TEST(Trace, EventsOfABackendLieWithinTheRunThatTheyBelongTo) {
  const test::TemporaryFolder folder;
  const json events = traced(folder, 500);
  const json infer = named(events, "infer");
  json backend = named(events, "model_run");
  ASSERT_EQ(backend.size(), 500U);
  std::copy_if(events.begin(), events.end(), std::back_inserter(backend),
               [](const json& event) { return event.value("cat", "") == "Node" && event.value("ph", "") == "X"; });
  ASSERT_GT(backend.size(), 500U);
  constexpr double kLastDigitUs = 1e-6;
  const auto lies_within = [&](const json& event, const json& run) {
    const double begin = event.at("ts");
    const double from = run.at("ts");
    return begin >= from - kLastDigitUs &&
           begin + event.at("dur").get<double>() <= from + run.at("dur").get<double>() + kLastDigitUs;
  };
  for (const json& event : backend) {
    EXPECT_TRUE(std::any_of(infer.begin(), infer.end(), [&](const json& run) { return lies_within(event, run); }))
        << event;
  }
}

TEST(Trace, InputsOfTheNextRunAreJoinedWhileOneRuns) {
  if (base::ThreadBudget::of_process().cores() < 2) GTEST_SKIP() << "there is no core for it";
  const test::TemporaryFolder folder;
  test::write_text(folder / "net.onnx", test::layers_graph(1024, 4));
  EngineOptions options;
  options.model = folder / "net.onnx";
  options.trace = folder / "trace.json";
  options.max_batch = 2;
  options.max_delay = std::chrono::minutes(1);  // full runs do not wait
  {
    Engine engine(options);
    const Engine::Inputs inputs{{"x", Tensor(ElementType::float32, {1, 256, 1024})}};
    for (auto& answer : engine.predict_batch(std::vector<Engine::Inputs>(60, inputs))) answer.get();
  }
  const json events = events_of(options.trace);
  const json infer = named(events, "infer");
  const json prepare = named(events, "prepare");
  ASSERT_EQ(infer.size(), 30U);
  const auto end = [](const json& event) { return event.at("ts").get<double>() + event.at("dur").get<double>(); };
  const auto starts_within = [&](const json& join, const json& run) {
    return join.at("ts") > run.at("ts") && join.at("ts").get<double>() < end(run);
  };
  std::size_t ahead = 0;
  for (const json& join : prepare) {
    ahead += static_cast<std::size_t>(
        std::any_of(infer.begin(), infer.end(), [&](const json& run) { return starts_within(join, run); }));
  }
  EXPECT_GE(ahead, 1U);
  constexpr double kRoundingUs = 1;
  for (const json& a : infer) {
    for (const json& b : infer) {
      const bool apart =
          end(a) <= b.at("ts").get<double>() + kRoundingUs || end(b) <= a.at("ts").get<double>() + kRoundingUs;
      EXPECT_TRUE(a == b || apart) << "one worker runs one at a time";
    }
  }
}

TEST(Trace, OfWorkerProcessesHasTheStagesAndLeavesNoOtherFile) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "net.onnx", test::tiny_graph({"x", {-1, 8}}, {{"y", {-1, 3}}}));
  EngineOptions options;
  options.model = folder / "net.onnx";
  options.trace = folder / "trace.json";
  options.isolation.mode = Isolation::process;
  {
    Engine engine(options);
    for (int i = 0; i < 3; ++i) engine.predict({{"x", Tensor(ElementType::float32, {2, 8})}});
  }
  EXPECT_EQ(named(events_of(options.trace), "infer").size(), 3U);
  EXPECT_EQ(folder.names(), (std::set<std::string>{"net.onnx", "trace.json"}));
}

TEST(Trace, AFileThatCannotBeWrittenIsRefusedFromTheStart) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "net.onnx", test::tiny_graph({"x", {-1, 8}}, {{"y", {-1, 3}}}));
  EngineOptions options;
  options.model = folder / "net.onnx";
  for (const std::filesystem::path& trace : {folder / "none" / "trace.json", std::filesystem::path("/tmp")}) {
    options.trace = trace;
    test::expect_contains(test::expect_error(ErrorCode::unavailable, [&] { Engine{options}; }), trace.string());
  }
}

TEST(Trace, AFolderThatGoesInTheMeantimeIsLogged) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "net.onnx", test::tiny_graph({"x", {-1, 8}}, {{"y", {-1, 3}}}));
  EngineOptions options;
  options.model = folder / "net.onnx";
  std::filesystem::create_directory(folder / "traces");
  options.trace = folder / "traces" / "trace.json";
  const test::LogWatch log;
  {
    Engine engine(options);
    engine.predict({{"x", Tensor(ElementType::float32, {2, 8})}});
    std::filesystem::remove_all(folder / "traces");
  }
  EXPECT_EQ(log.count("no trace: "), 1U);
}

}  // namespace
}  // namespace vivace::runtime
