#include "bench/experiment.hpp"

#include <gtest/gtest.h>

#include <stop_token>

#include "base/machine.hpp"
#include "bench/csv_table.hpp"
#include "bench/environment.hpp"
#include "records/csv_text.hpp"
#include "runtime/placement.hpp"
#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/sanitizers.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"

namespace vivace::bench {
namespace {

using test::expect_contains;
using test::expect_error;

/// A model [-1, 8] with the mean of each row.
class ExperimentTest : public ::testing::Test {
 protected:
  ExperimentTest() {
    test::write_text(folder_ / "net.onnx", test::tiny_graph({"x", {-1, 8}}, {{"y", {-1, 1}}}));
    ModelTargetOptions model;
    model.name = "net.onnx";
    model.engine.model = folder_ / "net.onnx";
    experiment_.targets.emplace_back(model);
    experiment_.plan.load.concurrency = 1;
    experiment_.plan.duration_s = 0.02;
    experiment_.plan.warm_up_limit_s = 0;
  }

  Result result_of(const std::vector<Axis>& axes) const {
    return run_experiment(experiment_, axes, read_environment(), {machine_clock()});
  }

  test::TemporaryFolder folder_;
  Experiment experiment_;
};

TEST_F(ExperimentTest, SettingsThatCannotRunSayWhy) {
  const Result result = result_of({{"batch", {"1", "4"}}, {"backend", {"onnxruntime", "abacus"}}});
  ASSERT_EQ(result.runs.size(), 4U);
  for (const std::size_t i : {0, 2}) {
    EXPECT_TRUE(result.runs[i].problems.empty());
    EXPECT_FALSE(result.runs[i].samples.empty());
    EXPECT_EQ(result.runs[i].settings.at("provider"), "cpu");
    EXPECT_TRUE(result.runs[i + 1].samples.empty());
    expect_contains(result.runs[i + 1].problems.at(0), "abacus");
  }
  EXPECT_EQ(result.runs[2].name, "batch=4 backend=onnxruntime");
  EXPECT_EQ(result.runs[2].samples.front().items, 4U);
  EXPECT_EQ(result.runs[0].model_sha256.size(), 64U);
  EXPECT_NE(result.runs[0].input_sha256, result.runs[2].input_sha256);
  EXPECT_EQ(result.runs[0].settings.at("precision"), "graph");
  EXPECT_EQ(result.environment.libraries.count("abacus"), 0U);
}

TEST_F(ExperimentTest, OnlyTheFirstSettingIsCold) {
  const Result result = result_of({{"batch", {"1", "4", "2"}}});
  EXPECT_GT(result.runs.at(0).cold_load_s, 0);
  for (std::size_t i = 0; i < result.runs.size(); ++i) {
    EXPECT_EQ(result.runs[i].settings_before, i);
    EXPECT_EQ(result.runs[i].cold_load_s > 0, i == 0);
    EXPECT_GT(result.runs[i].load_model_s, 0);
  }
}

TEST_F(ExperimentTest, VersionsOfBackendsThatRanAreNoted) {
  const Result result = run_experiment(experiment_, {}, Environment{}, {machine_clock()});
  EXPECT_EQ(result.environment.libraries.at("onnxruntime"), runtime::onnxruntime_version());
}

TEST_F(ExperimentTest, OneSettingThatCannotRunIsAnError) {
  expect_error(ErrorCode::unavailable, [&] { result_of({{"backend", {"abacus"}}}); });
}

TEST_F(ExperimentTest, UnknownSettingsAndValuesAreRefused) {
  expect_contains(expect_error(ErrorCode::invalid_argument,
                               [&] {
                                 result_of({{"colour", {"red", "blue"}}});
                               }),
                  "colour");
  expect_error(ErrorCode::invalid_argument, [&] { result_of({{"batch", {"1", "many"}}}); });
}

TEST_F(ExperimentTest, NothingRunsBeforeAllSettingsMakeSense) {
  std::size_t runs = 0;
  const MeasureContext context{machine_clock(), {}, [&](const std::string&) { ++runs; }};
  for (const std::vector<Axis>& axes :
       {std::vector<Axis>{{"callers", {"1", "abc"}}}, {{"batch", {"1", "0"}}}, {{"batch", {"1"}}, {"batch", {"2"}}}}) {
    expect_error(ErrorCode::invalid_argument, [&] { run_experiment(experiment_, axes, {}, context); });
  }
  EXPECT_EQ(runs, 0U);
}

TEST_F(ExperimentTest, SettingsThatWereNotBegunSaySo) {
  std::stop_source stop;
  const auto stop_at_once = [&](const std::string& what) {
    if (what.find("measuring") != std::string::npos) stop.request_stop();
  };
  const MeasureContext context{machine_clock(), stop.get_token(), stop_at_once};
  const Result result = run_experiment(experiment_, {{"batch", {"1", "2"}}}, {}, context);
  ASSERT_EQ(result.runs.size(), 2U);
  EXPECT_EQ(result.runs[1].name, "batch=2");
  EXPECT_EQ(result.runs[1].problems, std::vector<std::string>{"stopped before its end"});
}

struct OfflineCase {
  Setting setting;
  std::size_t callers;
};

// Twice what runs at a time, so that every worker finds its next batch waiting; 256 threads send at most.
TEST_F(ExperimentTest, OfflineHasCallersForTheWorkersAndBatchesOfItsSetting) {
  const std::size_t cores = base::usable_cores(base::read_machine());
  experiment_.plan.load.kind = "offline";
  experiment_.plan.load.concurrency = 0;
  for (const OfflineCase& one : {OfflineCase{{}, 2},
                                 {{{"max-batch", "8"}}, 16},
                                 {{{"workers", "3"}, {"max-batch", "8"}}, 48},
                                 {{{"workers", "0"}}, 2 * cores},
                                 {{{"workers", "64"}, {"max-batch", "64"}}, 256}}) {
    Experiment experiment = experiment_;
    apply(one.setting, experiment);
    EXPECT_EQ(experiment.plan.load.concurrency, one.callers) << to_text(one.setting);
  }
}

TEST_F(ExperimentTest, ResultsStaySmallEnoughToBeRead) {
  std::vector<Setting> settings;
  for (int i = 1; i <= 24; ++i) settings.push_back({{"batch", std::to_string(i)}});
  std::size_t samples = 0;
  for (const Experiment& one : experiments_of(experiment_, settings)) samples += one.plan.most_requests;
  EXPECT_EQ(samples, kMostKeptSamples);
  EXPECT_EQ(experiments_of(experiment_, {{}}).front().plan.most_requests, kMostRequests);
}

TEST_F(ExperimentTest, TheLastTargetMayDifferInSettings) {
  experiment_.targets.push_back(experiment_.targets.front());
  experiment_.last_differs_in = parse_setting("threads=2,batch=3");
  experiment_.slices = 2;
  const Result result = result_of({});
  EXPECT_EQ(result.runs.at(0).settings.at("batch"), "1");
  EXPECT_EQ(result.runs.at(1).settings.at("batch"), "3");
  EXPECT_EQ(result.runs.at(1).settings.at("threads"), "2");
  EXPECT_EQ(result.runs.at(1).name, "B: model net.onnx threads=2 batch=3");
  EXPECT_EQ(result.runs.at(1).peak_resident_bytes, 0U);
}

TEST_F(ExperimentTest, InterleavedTargetsHaveTheSameThreadsWhereTheNumberIsLeftOpen) {
  const std::string cores = std::to_string(base::usable_cores(base::read_machine()));
  experiment_.targets.push_back(experiment_.targets.front());
  experiment_.slices = 2;
  const Result result = result_of({{"workers", {"0"}}});
  ASSERT_EQ(result.runs.size(), 2U);
  for (const auto& run : result.runs) EXPECT_EQ(run.settings.at("workers"), cores);
}

// 400,000 samples take 16 MB, of the run itself and of the one before.
TEST_F(ExperimentTest, MemoryIsThatOfTheTargetWithoutSamples) {
  if (test::kSanitized) GTEST_SKIP() << "a sanitizer keeps memory that was given back";
  experiment_.plan.duration_s = 60;
  experiment_.plan.most_requests = 400'000;
  const Result result = result_of({{"batch", {"1", "2"}}});
  ASSERT_EQ(result.runs[1].samples.size(), 400'000U);
  const auto first = static_cast<double>(result.runs[0].peak_resident_bytes);
  const auto second = static_cast<double>(result.runs[1].peak_resident_bytes);
  EXPECT_GT(first, 1e6);
  EXPECT_NEAR(second, first, 8e6);
  EXPECT_LT(second, static_cast<double>(base::peak_resident_bytes()) - 24e6);
}

TEST_F(ExperimentTest, InterleavedTargetsAreTwoRuns) {
  experiment_.targets.push_back(experiment_.targets.front());
  experiment_.slices = 2;
  const Result result = result_of({});
  ASSERT_EQ(result.runs.size(), 2U);
  EXPECT_EQ(result.runs[0].name, "A: model net.onnx");
  EXPECT_EQ(result.runs[1].name, "B: model net.onnx");
}

TEST_F(ExperimentTest, CsvHasALineARunAndAllItsColumns) {
  const std::string csv = to_csv(result_of({{"batch", {"2"}}, {"callers", {"1", "2"}}}));
  std::vector<std::vector<std::string>> rows;
  for (std::size_t begin = 0; begin < csv.size(); begin = csv.find('\n', begin) + 1) {
    std::vector<std::string> cells;
    const std::string line = csv.substr(begin, csv.find('\n', begin) - begin);
    for (const auto cell : records::split_csv(line)) cells.push_back(records::csv_cell_text(cell));
    rows.push_back(cells);
  }
  ASSERT_EQ(rows.size(), 3U);
  for (const auto& row : rows) EXPECT_EQ(row.size(), rows[0].size());
  const auto cell = [&](std::size_t row, const std::string& column) {
    const auto at = std::find(rows[0].begin(), rows[0].end(), column) - rows[0].begin();
    return rows[row].at(static_cast<std::size_t>(at));
  };
  EXPECT_EQ(cell(2, "name"), "batch=2 callers=2");
  EXPECT_EQ(cell(2, "provider"), "cpu");
  EXPECT_EQ(cell(2, "callers"), "2");
  EXPECT_EQ(cell(2, "batch"), "2");
  expect_contains(cell(1, "platform"), "Linux");
  EXPECT_LE(std::stod(cell(1, "response_p50_low_s")), std::stod(cell(1, "response_p50_s")));
  EXPECT_GE(std::stod(cell(1, "response_p50_high_s")), std::stod(cell(1, "response_p50_s")));
  for (const char* column : {"load_rate_hz", "streams", "audio_x_real_time"}) EXPECT_EQ(cell(1, column), "") << column;
}

TEST(Environment, IsReadFromTheSystem) {
  const test::TemporaryFolder root;
  test::write_text(root / "proc/self/cmdline", std::string_view("vivace\0bench\0a b\0", 17));
  test::write_text(root / "proc/cpuinfo", "model name\t: Abacus 9\nflags\t: avx2 sse\n");
  test::write_text(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  const Environment environment = read_environment(root.path());
  EXPECT_EQ(environment.command, (std::vector<std::string>{"bench", "a b"}));
  EXPECT_EQ(environment.cpu, "Abacus 9");
  EXPECT_EQ(environment.governor, "powersave");
  EXPECT_EQ(environment.time.size(), std::string("2026-01-02T03:04:05Z").size());
  EXPECT_FALSE(environment.libraries.at("onnxruntime").empty());
}

}  // namespace
}  // namespace vivace::bench
