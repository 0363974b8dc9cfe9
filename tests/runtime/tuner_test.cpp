#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "runtime/placement.hpp"
#include "runtime/session.hpp"
#include "support/environment.hpp"
#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/sanitizers.hpp"
#include "support/source_tree.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"
#include "vivace/engine.hpp"
#include "vivace/tune.hpp"

namespace fs = std::filesystem;

namespace vivace {
namespace {

using test::expect_contains;
using test::expect_error;

class TunerTest : public ::testing::Test {
 protected:
  TunerTest() { test::write_text(graph_, test::tiny_graph({"x", {-1, 8}}, {{"y", {-1, 1}}})); }

  TuneOptions options() const {
    TuneOptions options;
    options.graph = graph_;
    options.inputs = [](std::size_t rows) {
      return std::vector<NamedTensor>{{"x", Tensor(ElementType::float32, {static_cast<std::int64_t>(rows), 8})}};
    };
    options.budget_s = 0.5;
    options.placement.backend = "onnxruntime";
    options.batches = {1, 64};
    return options;
  }

  fs::path entry() const {
    fs::path found;
    for (const auto& file : fs::directory_iterator(folder_ / "cache/vivace/tuned")) found = file.path();
    return found;
  }

  test::TemporaryFolder folder_;
  test::ScopedEnvironment environment_{"XDG_CACHE_HOME", (folder_ / "cache").string()};
  fs::path graph_ = folder_ / "net.onnx";
};

TEST_F(TunerTest, MeasuresSettingsAndTakesTheFastest) {
  double used = 0;
  const TuneResult result = tune(options(), [&](double share) {
    EXPECT_GE(share, used);
    used = share;
  });
  EXPECT_EQ(result.best, result.trials.front().setting);
  EXPECT_EQ(result.best.batch, 64U) << "a run of 64 rows of this graph costs hardly more than one of a single row";
  EXPECT_GT(result.trials.front().turns, 0U);
  EXPECT_LE(used, 1);
}

TEST_F(TunerTest, ForLatencyRunsOneRowAtATime) {
  TuneOptions latency = options();
  latency.goal = TuneGoal::latency;
  for (const TuneTrial& trial : tune(latency).trials) {
    EXPECT_EQ(trial.setting.batch, 1U);
    EXPECT_EQ(trial.setting.workers, 1U);
  }
}

TEST_F(TunerTest, RefusesAbsurdOptions) {
  const auto refuse = [&](auto&& change) {
    TuneOptions absurd = options();
    change(absurd);
    return expect_error(ErrorCode::invalid_argument, [&] { tune(absurd); });
  };
  expect_contains(refuse([](TuneOptions& o) { o.budget_s = 0; }), "budget: is 0 s");
  refuse([](TuneOptions& o) { o.batches = {}; });
  refuse([](TuneOptions& o) { o.batches = {0}; });
  refuse([](TuneOptions& o) { o.inputs = nullptr; });
  TuneOptions missing = options();
  missing.graph = folder_ / "none.onnx";
  expect_contains(expect_error(ErrorCode::not_found, [&] { tune(missing); }), "no such file");
  std::stop_source stop;
  stop.request_stop();
  TuneOptions stopped = options();
  stopped.stop = stop.get_token();
  expect_error(ErrorCode::cancelled, [&] { tune(stopped); });
}

TEST_F(TunerTest, InputsThatTheModelDoesNotTakeAreTheCallersFault) {
  const auto refuse = [&](std::vector<NamedTensor> inputs) {
    TuneOptions wrong = options();
    wrong.inputs = [inputs](std::size_t) { return inputs; };
    return expect_error(ErrorCode::invalid_argument, [&] { tune(wrong); });
  };
  expect_contains(refuse({{"x", Tensor(ElementType::float32, {1, 9})}}), "input 'x': is float32 [1, 9]");
  expect_contains(refuse({{"x", Tensor(ElementType::int64, {1, 8})}}), "input 'x': is int64 [1, 8]");
  expect_contains(refuse({{"a", Tensor(ElementType::float32, {1, 8})}}), "input 'x': is missing");
}

constexpr auto kGoal = TuneGoal::throughput;
const TunedSetting kPlain = {"onnxruntime", "cpu", "fp32", "plain", 1, 2, 8};

TEST_F(TunerTest, KeptSettingsAreFoundAgainForTheSameGraphAndGoal) {
  EXPECT_FALSE(find_tuned(graph_, kGoal));
  ASSERT_TRUE(keep_tuned(graph_, kGoal, kPlain));
  EXPECT_EQ(find_tuned(graph_, kGoal), kPlain);
  EXPECT_FALSE(find_tuned(graph_, TuneGoal::latency));
  test::write_text(graph_, test::tiny_graph({"x", {-1, 9}}, {{"y", {-1, 1}}}));
  EXPECT_FALSE(find_tuned(graph_, kGoal)) << "another graph under the same name";
}

TEST_F(TunerTest, SettingsThatNothingCanRunAreNotKept) {
  const auto refuse = [&](auto&& change) {
    TunedSetting wrong = kPlain;
    change(wrong);
    return expect_error(ErrorCode::invalid_argument, [&] { keep_tuned(graph_, kGoal, wrong); });
  };
  expect_contains(refuse([](TunedSetting& s) { s.backend = "nope"; }), "there is no backend 'nope'");
  refuse([](TunedSetting& s) { s.provider = "nope"; });
  refuse([](TunedSetting& s) { s.precision = "fp3"; });
  refuse([](TunedSetting& s) { s.intra_op = 0; });
  refuse([](TunedSetting& s) { s.workers = 0; });
  expect_contains(refuse([](TunedSetting& s) { s.batch = 0; }), "batch is 0; it must be 1 to 4096");
  EXPECT_FALSE(find_tuned(graph_, kGoal));
}

TEST_F(TunerTest, StaleForeignAndDamagedEntriesAreNotUsed) {
  ASSERT_TRUE(keep_tuned(graph_, kGoal, kPlain));
  const std::string good = test::read_text(entry());
  const auto with = [&](const std::string& part, const std::string& replacement) {
    std::string text = good;
    text.replace(text.find(part), part.size(), replacement);
    return text;
  };
  for (const std::string& text : {with("\"library\": \"1.", "\"library\": \"0."), with("\"batch\": 8", "\"batch\": 0"),
                                  with("\"batch\": 8", "\"batch\": -1"), with("\"batch\": 8", "\"batch\": \"8\""),
                                  std::string("{"), std::string("[]"), std::string()}) {
    test::write_text(entry(), text);
    EXPECT_FALSE(find_tuned(graph_, kGoal)) << text;
  }
  test::write_text(entry(), good);
  EXPECT_TRUE(find_tuned(graph_, kGoal));
  fs::permissions(entry(), fs::perms::others_write, fs::perm_options::add);
  EXPECT_FALSE(find_tuned(graph_, kGoal)) << "others can write it";
  ASSERT_TRUE(keep_tuned(graph_, kGoal, kPlain));
  EXPECT_TRUE(find_tuned(graph_, kGoal));
  fs::permissions(entry().parent_path(), fs::perms::group_write, fs::perm_options::add);
  EXPECT_FALSE(find_tuned(graph_, kGoal)) << "others can put files into the folder";
}

TEST_F(TunerTest, WithoutAFolderThatCanBeWrittenNothingIsKept) {
  const test::ScopedEnvironment nowhere("XDG_CACHE_HOME", "/dev/null");
  EXPECT_FALSE(keep_tuned(graph_, kGoal, kPlain));
  EXPECT_FALSE(find_tuned(graph_, kGoal));
}

/// How often a graph names the domain of operators in blocked layout: once as it imports it, and in each such node.
std::size_t blocked_nodes(const fs::path& graph) {
  const std::string bytes = test::read_text(graph);
  std::size_t count = 0;
  for (std::size_t at = bytes.find("com.microsoft.nchwc"); at != std::string::npos;
       at = bytes.find("com.microsoft.nchwc", at + 1)) {
    ++count;
  }
  return count;
}

TEST_F(TunerTest, AutomaticSessionsTakeTheKeptSetting) {
  const fs::path effnet = test::installed_model("discogs-effnet-seeded") / "model.onnx";
  ASSERT_TRUE(keep_tuned(effnet, kGoal, kPlain));
  runtime::SessionOptions options;
  options.graph = effnet;
  options.optimized_graph = folder_ / "optimized.onnx";
  runtime::open_session(options);
  EXPECT_LE(blocked_nodes(options.optimized_graph), 1U);
  options.placement.provider = "cpu";
  runtime::open_session(options);
  EXPECT_GT(blocked_nodes(options.optimized_graph), 10U) << "what is asked for goes before what was tuned";
}

TEST_F(TunerTest, WhatIsAskedForGoesBeforeWhatWasTuned) {
  ASSERT_TRUE(keep_tuned(graph_, kGoal, kPlain));
  EXPECT_TRUE(runtime::tuned_setting(graph_, {}, kGoal));
  EXPECT_FALSE(runtime::tuned_setting(graph_, {.backend = "onnxruntime"}, kGoal));
  EXPECT_FALSE(runtime::tuned_setting(graph_, {.precision = "fp32"}, kGoal));
  EXPECT_FALSE(runtime::tuned_setting(graph_, {.provider_settings = {{"key", "value"}}}, kGoal));
  EXPECT_FALSE(runtime::tuned_setting(graph_, {.session_settings = {{"key", "value"}}}, kGoal));
  EXPECT_FALSE(runtime::tuned_setting(graph_, {.cache = false}, kGoal));
  EXPECT_FALSE(runtime::tuned_setting(graph_, {.strict = true}, kGoal));
}

TEST_F(TunerTest, AutomaticSessionsTakeTheBackendThatWasFaster) {
  runtime::SessionOptions options;
  options.graph = graph_;
  options.placement.backend = "openvino";
  if (test::kSanitized) GTEST_SKIP() << "sanitizer builds leave the backends out";
  ASSERT_NO_THROW(runtime::open_session(options)) << "run scripts/setup --tests and build again";
  ASSERT_TRUE(keep_tuned(graph_, kGoal, {"openvino", "cpu", "fp32", "auto", 1, 2, 8}));
  EXPECT_EQ(runtime::open_session({.graph = graph_})->placement(), "openvino/cpu");
  EXPECT_EQ(Engine({.model = graph_}).placement(), "openvino/cpu");
}

TEST_F(TunerTest, ASettingThatIsNoLongerThereIsPassedOver) {
  ASSERT_TRUE(keep_tuned(graph_, kGoal, kPlain));
  auto kept = nlohmann::json::parse(test::read_text(entry()));
  kept.update({{"backend", "abacus"}, {"library", ""}});
  test::write_text(entry(), kept.dump());
  ASSERT_TRUE(find_tuned(graph_, kGoal));
  EXPECT_EQ(runtime::open_session({.graph = graph_})->placement(), "onnxruntime/cpu");
}

}  // namespace
}  // namespace vivace
