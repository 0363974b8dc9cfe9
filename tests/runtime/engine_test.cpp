#include "vivace/engine.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/log_watch.hpp"
#include "support/processes.hpp"
#include "support/signals.hpp"
#include "support/source_tree.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"

namespace vivace {
namespace {

using namespace std::chrono_literals;
using test::expect_contains;
using test::expect_error;

constexpr std::int64_t kWidth = 8;

/// A graph whose output "y" [rows, 3] is the mean of each row of "x".
class EngineTest : public ::testing::Test {
 protected:
  EngineTest() { test::write_text(path_, test::tiny_graph({"x", {-1, -1}}, {{"y", {-1, 3}}, {"z", {-1, 1}}})); }

  EngineOptions options(std::size_t max_batch = 1) const {
    EngineOptions options;
    options.model = path_;
    options.max_batch = max_batch;
    return options;
  }

  static Engine::Inputs rows(std::size_t count, float value, std::int64_t width = kWidth) {
    const std::vector<float> values(count * static_cast<std::size_t>(width), value);
    return {{"x", Tensor::of<float>({static_cast<std::int64_t>(count), width}, values)}};
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "net.onnx";
};

void expect_means(const Prediction& prediction, std::size_t rows, float value) {
  const Tensor& y = prediction.output("y");
  ASSERT_EQ(y.shape(), (Shape{static_cast<std::int64_t>(rows), 3}));
  for (const float mean : y.values<float>()) EXPECT_NEAR(mean, value, 1e-6);
}

TEST_F(EngineTest, TellsWhatTheModelTakesAndGives) {
  const Engine engine(options());
  ASSERT_EQ(engine.inputs().size(), 1U);
  EXPECT_EQ(engine.inputs()[0].name, "x");
  EXPECT_EQ(engine.inputs()[0].type, "float32");
  EXPECT_EQ(engine.outputs()[1].shape, (Shape{-1, 1}));
}

TEST_F(EngineTest, PredictsOnTheCallersThread) {
  Engine engine(options());
  const Prediction prediction = engine.predict(rows(2, 3));
  expect_means(prediction, 2, 3);
  EXPECT_EQ(prediction.outputs.size(), 2U);
  EXPECT_GT(prediction.metrics.infer_s, 0);
}

TEST_F(EngineTest, ComputesTheOutputsThatAreAskedFor) {
  Engine engine(options());
  const Prediction prediction = engine.predict(rows(1, 1), {.outputs = {"z"}});
  ASSERT_EQ(prediction.outputs.size(), 1U);
  expect_error(ErrorCode::invalid_argument, [&] { prediction.output("y"); });
}

TEST_F(EngineTest, FuturesAndCallbacksGiveTheSame) {
  Engine engine(options());
  expect_means(engine.submit(rows(3, 5)).get(), 3, 5);
  std::promise<Prediction> called;
  engine.submit(rows(1, 2), {}, [&](Prediction prediction, const std::optional<Error>& error) {
    EXPECT_FALSE(error);
    called.set_value(std::move(prediction));
  });
  expect_means(called.get_future().get(), 1, 2);
}

TEST_F(EngineTest, MergesRequestsAndSplitsTheirAnswers) {
  EngineOptions merging = options(16);
  merging.max_delay = 60s;  // full runs do not wait
  Engine engine(merging);
  std::vector<Engine::Inputs> requests;
  for (int i = 0; i < 4; ++i) requests.push_back(rows(4, static_cast<float>(i)));
  auto futures = engine.predict_batch(std::move(requests));
  for (std::size_t i = 0; i < futures.size(); ++i) {
    const Prediction prediction = futures[i].get();
    expect_means(prediction, 4, static_cast<float>(i));
    EXPECT_EQ(prediction.metrics.batch, 16U);
    EXPECT_EQ(prediction.metrics.rows, 4U);
  }
  const EngineMetrics metrics = engine.metrics();
  EXPECT_EQ(metrics.batches, (std::map<std::size_t, std::uint64_t>{{16, 1}}));
  EXPECT_EQ(metrics.rows, 16U);
}

TEST_F(EngineTest, DifferentShapesShareNoRun) {
  EngineOptions merging = options(4);
  merging.max_delay = 2ms;
  Engine engine(merging);
  std::vector<std::future<Prediction>> futures;
  for (int i = 0; i < 40; ++i) futures.push_back(engine.submit(rows(1, static_cast<float>(i), i % 2 == 0 ? 8 : 5)));
  for (std::size_t i = 0; i < futures.size(); ++i) expect_means(futures[i].get(), 1, static_cast<float>(i));
}

TEST_F(EngineTest, ManyCallersGetTheirOwnAnswers) {
  EngineOptions merging = options(8);
  merging.max_delay = 200us;
  merging.threads.workers = 2;
  merging.queue_capacity = 4;
  Engine engine(merging);
  std::vector<std::jthread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < 200; ++i) {
        const std::size_t count = 1 + static_cast<std::size_t>((caller + i) % 3);
        const auto value = static_cast<float>(1000 * caller + i);
        const Tensor y = engine.predict(rows(count, value)).output("y");
        ASSERT_EQ(y.size(), 3 * count);
        for (const float mean : y.values<float>()) ASSERT_NEAR(mean, value, 1e-2);
      }
    });
  }
  callers.clear();
  EXPECT_EQ(engine.metrics().requests, 1600U);
  EXPECT_EQ(engine.metrics().waiting, 0U);
}

struct Refused {
  Engine::Inputs inputs;
  std::string says;
};

TEST_F(EngineTest, RefusesInputsThatTheModelDoesNotTakeAndGoesOn) {
  Engine engine(options(4));
  const auto floats = [](Shape shape) { return Tensor(ElementType::float32, std::move(shape)); };
  const std::vector<Refused> cases = {
      {{}, "input 'x': is missing"},
      {{{"a", floats({1, 8})}}, "input 'x': is missing; the model takes x, not 'a'"},
      {{{"x", floats({1, 8})}, {"a", floats({1, 8})}}, "input 'a': is not one of the model's"},
      {{{"x", floats({1, 8})}, {"x", floats({1, 8})}}, "input 'x': is not one of the model's, or there twice"},
      {{{"x", Tensor(ElementType::int64, {1, 8})}}, "is int64 [1, 8]; the model takes float32 [-1, -1]"},
      {{{"x", floats({8})}}, "is float32 [8]; the model takes"},
      {{{"x", floats({0, 8})}}, "has 0 rows"},
  };
  for (const Refused& refused : cases) {
    expect_contains(expect_error(ErrorCode::invalid_argument, [&] { engine.submit(refused.inputs); }), refused.says);
  }
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { engine.predict(rows(1, 1), {.outputs = {"w"}}); }),
                  "output 'w': is not one of the model's; it has y, z");
  expect_means(engine.predict(rows(1, 4)), 1, 4);
  EXPECT_EQ(engine.metrics().failures.at("invalid_argument"), cases.size() + 1);
}

TEST_F(EngineTest, OfManyRequestsEachFailsAlone) {
  Engine engine(options(4));
  std::vector<Engine::Inputs> requests(40, rows(1, 3));
  requests[31] = {};
  auto futures = engine.predict_batch(std::move(requests));
  ASSERT_EQ(futures.size(), 40U);
  for (std::size_t i = 0; i < futures.size(); ++i) {
    if (i == 31) {
      expect_contains(expect_error(ErrorCode::invalid_argument, [&] { futures[i].get(); }), "input 'x': is missing");
    } else {
      EXPECT_NO_THROW(futures[i].get()) << i;
    }
  }
}

TEST_F(EngineTest, WhatAFullQueueRefusesFailsInItsFutureOrCallback) {
  EngineOptions full = options(64);
  full.max_delay = 1h;
  full.queue_capacity = 2;
  full.when_full = WhenFull::reject;
  std::vector<std::future<Prediction>> futures;
  std::optional<ErrorCode> refused;
  {
    Engine engine(full);
    futures = engine.predict_batch(std::vector<Engine::Inputs>(5, rows(1, 1)));
    engine.submit(rows(1, 1), {},
                  [&](const Prediction&, const std::optional<Error>& error) { refused = error->code(); });
    EXPECT_EQ(refused, ErrorCode::resource_exhausted);
    EXPECT_EQ(engine.metrics().failures.at("resource_exhausted"), 4U);
  }
  ASSERT_EQ(futures.size(), 5U);
  for (std::size_t i = 2; i < 5; ++i) expect_error(ErrorCode::resource_exhausted, [&] { futures[i].get(); });
}

TEST_F(EngineTest, RefusesNoRowsAlsoWithoutMerging) {
  Engine engine(options());
  const Tensor none(ElementType::float32, {0, kWidth});
  expect_contains(expect_error(ErrorCode::invalid_argument,
                               [&] {
                                 engine.predict({{"x", none}});
                               }),
                  "input 'x': has 0 rows");
  expect_means(engine.predict(rows(1, 4)), 1, 4);
}

TEST_F(EngineTest, RefusesImpossibleOptions) {
  const auto refuse = [&](auto&& change) {
    EngineOptions impossible = options();
    change(impossible);
    return expect_error(ErrorCode::invalid_argument, [&] { Engine{impossible}; });
  };
  expect_contains(refuse([](EngineOptions& o) { o.max_batch = 0; }), "max_batch: is 0; it must be 1 to 65536");
  refuse([](EngineOptions& o) { o.queue_capacity = 0; });
  refuse([](EngineOptions& o) { o.threads.workers = 5000; });
  refuse([](EngineOptions& o) { o.threads.nice = 20; });
  refuse([](EngineOptions& o) { o.max_delay = -1us; });
  expect_contains(refuse([](EngineOptions& o) { o.max_delay = std::chrono::microseconds::max(); }),
                  "max_delay: is 9223372036854775807 us; it must be 0 to 1 hour");
  expect_contains(refuse([](EngineOptions& o) { o.preferred_batches = {2}; }), "preferred_batches: is 2");
}

TEST_F(EngineTest, GraphsWithAFixedNumberOfRowsAreFilledUpAndTheirAnswersCut) {
  test::write_text(path_, test::tiny_graph({"x", {4, 8}}, {{"y", {4, 3}}}));
  EngineOptions merging = options(16);
  merging.max_delay = 60s;  // full runs do not wait
  Engine engine(merging);
  std::vector<Engine::Inputs> requests;
  for (const std::size_t count : {1, 2, 1, 4}) requests.push_back(rows(count, static_cast<float>(count)));
  auto futures = engine.predict_batch(std::move(requests));
  expect_means(futures[0].get(), 1, 1);
  expect_means(futures[1].get(), 2, 2);
  expect_means(futures[2].get(), 1, 1);
  expect_means(futures[3].get(), 4, 4);
  EXPECT_EQ(engine.metrics().batches, (std::map<std::size_t, std::uint64_t>{{4, 2}}));
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { engine.predict(rows(5, 1)); }), "4 at most");
}

TEST_F(EngineTest, WithoutMergingAFixedNumberOfRowsIsDemanded) {
  test::write_text(path_, test::tiny_graph({"x", {2, 8}}, {{"y", {2, 3}}}));
  Engine engine(options(1));
  expect_means(engine.predict(rows(2, 1)), 2, 1);
  expect_error(ErrorCode::invalid_argument, [&] { engine.predict(rows(1, 1)); });
}

TEST_F(EngineTest, OutputsMayHaveOtherShapesThanTheGraphSays) {
  test::write_text(path_, test::doubling_graph(kWidth));
  Engine engine(options());
  Prediction prediction;
  for (int i = 0; i < 3; ++i) {
    engine.predict(rows(2, 3), prediction);
    EXPECT_EQ(prediction.output("y").shape(), (Shape{4, kWidth}));
  }
}

/// By whether a request that is alone comes first.
class EngineWithOtherRows : public EngineTest, public ::testing::WithParamInterface<bool> {};

TEST_P(EngineWithOtherRows, ThanItTakesRunsRequestsAloneAndSaysSoOnce) {
  test::write_text(path_, test::doubling_graph(kWidth));
  EngineOptions merging = options(4);
  merging.max_delay = GetParam() ? 0s : 60s;  // full runs do not wait
  test::LogWatch log;
  {
    Engine engine(merging);
    if (GetParam()) engine.predict(rows(1, 1));
    for (int i = 0; i < 3; ++i) {
      for (auto& answer : engine.predict_batch(std::vector(4, rows(1, 3)))) {
        const Prediction prediction = answer.get();
        EXPECT_EQ(prediction.output("y").shape(), (Shape{2, kWidth}));
        EXPECT_EQ(prediction.metrics.batch, 1U);
      }
    }
  }
  EXPECT_EQ(log.count("net.onnx: gives another number of rows than it takes"), 1U);
}
INSTANTIATE_TEST_SUITE_P(First, EngineWithOtherRows, ::testing::Bool());

TEST_F(EngineTest, RequestsForOutputsThatKeepTheirRowsGoOnSharingRuns) {
  test::write_text(path_, test::doubling_graph(kWidth));
  EngineOptions merging = options(4);
  merging.max_delay = 60s;  // full runs do not wait
  Engine engine(merging);
  for (auto& answer : engine.predict_batch(std::vector(4, rows(1, 3)))) answer.get();
  RequestOptions same;
  same.outputs = {"same"};
  for (auto& answer : engine.predict_batch(std::vector(4, rows(1, 3)), same)) EXPECT_EQ(answer.get().metrics.batch, 4U);
}

TEST_F(EngineTest, RowsThatDifferBetweenTensorsCannotBeMerged) {
  test::write_text(path_, test::tiny_graph({"x", {-1, 8}}, {{"y", {2, 3}}}));
  expect_contains(expect_error(ErrorCode::model_mismatch, [&] { Engine{options(2)}; }), "needs the same first axis");
}

TEST_F(EngineTest, MissingModelsAndOtherFilesAreRefused) {
  expect_error(ErrorCode::not_found, [&] { Engine({.model = folder_ / "none.onnx"}); });
  test::write_text(folder_ / "text.onnx", "no graph");
  expect_error(ErrorCode::model_mismatch, [&] { Engine({.model = folder_ / "text.onnx"}); });
}

TEST_F(EngineTest, PassedDeadlinesAndStopsAreCancelled) {
  Engine engine(options(4));
  RequestOptions late;
  late.deadline = RequestOptions::Clock::now();
  expect_contains(expect_error(ErrorCode::cancelled, [&] { engine.predict(rows(1, 1), late); }), "deadline");
  std::stop_source stop;
  stop.request_stop();
  RequestOptions stopped;
  stopped.stop = stop.get_token();
  expect_contains(expect_error(ErrorCode::cancelled, [&] { engine.predict(rows(1, 1), stopped); }), "stopped");
  EXPECT_EQ(engine.metrics().failures.at("cancelled"), 2U);
}

TEST(Engine, MergedRunsGiveWhatSingleOnesGive) {
  const auto graph = test::installed_model("discogs-effnet-seeded") / "model.onnx";
  constexpr std::size_t kPatch = std::size_t{128} * 96;
  const std::vector<float> noise = test::scrambled(5 * kPatch);
  std::vector<Engine::Inputs> patches;
  for (std::size_t i = 0; i < 5; ++i) {
    patches.push_back(
        {{"melspectrogram", Tensor::of<float>({1, 128, 96}, std::span(noise).subspan(i * kPatch, kPatch))}});
  }
  Engine single({.model = graph});
  EngineOptions options;
  options.model = graph;
  options.max_batch = 5;
  options.max_delay = 60s;
  Engine merging(options);
  auto merged = merging.predict_batch(patches);
  for (std::size_t i = 0; i < patches.size(); ++i) {
    const auto expected = single.predict(patches[i]).output("embeddings");
    const Prediction prediction = merged[i].get();
    EXPECT_EQ(prediction.metrics.batch, 5U);
    const auto found = prediction.output("embeddings").values<float>();
    ASSERT_EQ(found.size(), 1280U);
    for (std::size_t k = 0; k < found.size(); ++k) EXPECT_NEAR(found[k], expected.values<float>()[k], 1e-5);
  }
}

TEST(Engine, StopsARunUnderWay) {
  Engine engine({.model = test::installed_model("discogs-effnet-seeded") / "model.onnx"});
  constexpr std::int64_t kPatches = 256;  // some seconds
  const std::size_t idle = engine.metrics().backend_bytes;
  std::stop_source stop;
  RequestOptions options;
  options.stop = stop.get_token();
  auto answer = engine.submit({{"melspectrogram", Tensor(ElementType::float32, {kPatches, 128, 96})}}, options);
  ASSERT_TRUE(test::wait_until([&] { return engine.metrics().backend_bytes > idle + 10'000'000; }));
  stop.request_stop();
  expect_contains(expect_error(ErrorCode::cancelled, [&] { answer.get(); }), "stopped while it ran");
}

TEST_F(EngineTest, EndsWithWhatWaitsCancelledOrDone) {
  std::atomic<int> answered = 0;
  {
    EngineOptions waiting = options(64);
    waiting.max_delay = 1h;
    Engine engine(waiting);
    for (int i = 0; i < 10; ++i) {
      engine.submit(rows(1, 1), {}, [&](const Prediction&, const std::optional<Error>& error) {
        EXPECT_TRUE(!error || error->code() == ErrorCode::cancelled);
        ++answered;
      });
    }
  }
  EXPECT_EQ(answered, 10);
}

/// An element type with its number in onnx.proto.
struct TypeCase {
  ElementType type;
  int number;
};
std::ostream& operator<<(std::ostream& out, const TypeCase& type) { return out << element_type_name(type.type); }

class EveryType : public EngineTest, public ::testing::WithParamInterface<TypeCase> {};

TEST_P(EveryType, GoesThroughTheGraphAndBatchesUnchanged) {
  test::write_text(path_, test::identity_graph(GetParam().number, {-1, 2}));
  EngineOptions merging = options(2);
  merging.max_delay = 60s;  // full runs do not wait
  Engine engine(merging);
  const auto tensor = [&](int seed) {
    Tensor made(GetParam().type, {1, 2});
    if (GetParam().type == ElementType::string) {
      made.mutable_values<std::string>()[1] = std::string("a\0é", 4) + std::to_string(seed);
    } else {
      made.mutable_bytes()[0] = static_cast<std::byte>(GetParam().type == ElementType::boolean ? 1 : seed);
    }
    return made;
  };
  auto futures = engine.predict_batch({{{"x", tensor(1)}}, {{"x", tensor(2)}}});
  for (int i = 0; i < 2; ++i) {
    const Prediction prediction = futures[static_cast<std::size_t>(i)].get();
    EXPECT_EQ(prediction.metrics.batch, 2U);
    const Tensor& y = prediction.output("y");
    const Tensor expected = tensor(i + 1);
    ASSERT_EQ(y.type(), GetParam().type);
    if (y.type() == ElementType::string) {
      EXPECT_EQ(y.values<std::string>()[1], expected.values<std::string>()[1]);
    } else {
      EXPECT_TRUE(std::equal(y.bytes().begin(), y.bytes().end(), expected.bytes().begin(), expected.bytes().end()));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, EveryType,
                         ::testing::Values(TypeCase{ElementType::float32, 1}, TypeCase{ElementType::uint8, 2},
                                           TypeCase{ElementType::int8, 3}, TypeCase{ElementType::uint16, 4},
                                           TypeCase{ElementType::int16, 5}, TypeCase{ElementType::int32, 6},
                                           TypeCase{ElementType::int64, 7}, TypeCase{ElementType::string, 8},
                                           TypeCase{ElementType::boolean, 9}, TypeCase{ElementType::float16, 10},
                                           TypeCase{ElementType::float64, 11}, TypeCase{ElementType::uint32, 12},
                                           TypeCase{ElementType::uint64, 13}, TypeCase{ElementType::bfloat16, 16}));

TEST_F(EngineTest, WorkerProcessesGiveTheSameAnswers) {
  EngineOptions isolated = options(4);
  isolated.threads.workers = 2;
  isolated.isolation.mode = Isolation::process;
  isolated.isolation.processes = 2;
  Engine engine(isolated);
  std::vector<Engine::Inputs> requests;
  for (int i = 0; i < 20; ++i) requests.push_back(rows(3, static_cast<float>(i)));
  auto futures = engine.predict_batch(std::move(requests));
  for (std::size_t i = 0; i < futures.size(); ++i) expect_means(futures[i].get(), 3, static_cast<float>(i));
  const EngineMetrics metrics = engine.metrics();
  EXPECT_EQ(metrics.worker_processes, 2U);
  EXPECT_GT(metrics.worker_resident_bytes, 2'000'000U);
  EXPECT_EQ(metrics.worker_restarts, 0U);
  const std::string text = to_prometheus(metrics, "net");
  expect_contains(text, "vivace_engine_worker_processes{model=\"net\"} 2\n");
  expect_contains(text, "vivace_engine_worker_restarts_total{model=\"net\"} 0\n");
}

TEST_F(EngineTest, WorkerProcessesThatEndAreCountedAndWaitedForUntilTheDeadline) {
  EngineOptions isolated = options();
  isolated.isolation.mode = Isolation::process;
  isolated.isolation.restart_delay = 1h;
  isolated.isolation.longest_restart_delay = 1h;
  Engine engine(isolated);
  expect_means(engine.predict(rows(1, 7)), 1, 7);
  for (const pid_t worker : test::child_processes()) ::kill(worker, SIGKILL);
  ASSERT_TRUE(test::wait_until([&] { return engine.metrics().worker_processes == 0; }));
  const RequestOptions soon{.deadline = RequestOptions::Clock::now() + 50ms};
  expect_contains(expect_error(ErrorCode::cancelled, [&] { engine.predict(rows(1, 7), soon); }), "deadline");
  EXPECT_EQ(engine.metrics().failures.at("cancelled"), 1U);
}

TEST_F(EngineTest, AbsurdIsolationIsRefused) {
  EngineOptions isolated = options();
  isolated.isolation.mode = Isolation::process;
  isolated.isolation.processes = 100'000;
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { const Engine engine(isolated); }), "processes");
}

TEST_F(EngineTest, MetricsCountWhatTheBackendAllocates) {
  Engine engine(options());
  engine.predict(rows(2, 1));
  const std::uint64_t before = engine.metrics().backend_allocations;
  for (int i = 0; i < 10; ++i) engine.predict(rows(2, 1));
  const EngineMetrics metrics = engine.metrics();
  EXPECT_GE(metrics.backend_allocations, before + 10);
  EXPECT_GE(metrics.backend_most_bytes, metrics.backend_bytes);
  EXPECT_GT(metrics.resident_bytes, 1'000'000U);
  EXPECT_GT(metrics.first_run_s, 0);
  EXPECT_NEAR(metrics.rows_per_s, static_cast<double>(metrics.rows) / metrics.up_s, 1e-6 * metrics.rows_per_s);
}

TEST_F(EngineTest, MetricsAreReadByPrometheus) {
  Engine engine(options());
  engine.predict(rows(2, 1));
  const std::string text = to_prometheus(engine.metrics(), "a \"net\"");
  expect_contains(text, "vivace_engine_requests_total{model=\"a \\\"net\\\"\"} 1\n");
  expect_contains(text, "vivace_engine_total_seconds{model=\"a \\\"net\\\"\",quantile=\"0.99\"} ");
  expect_contains(text, "# TYPE vivace_engine_infer_seconds summary\n");
}

}  // namespace
}  // namespace vivace
