#include "bench/sweep.hpp"

#include <gtest/gtest.h>

#include "bench/csv_table.hpp"
#include "bench/environment.hpp"
#include "records/csv_text.hpp"
#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"

namespace vivace::bench {
namespace {

using test::expect_contains;
using test::expect_error;

TEST(Sweep, AxesAreNamesWithValues) {
  const Axis axis = parse_axis("backend=onnxruntime,openvino");
  EXPECT_EQ(axis.name, "backend");
  EXPECT_EQ(axis.values, (std::vector<std::string>{"onnxruntime", "openvino"}));
  for (const char* wrong : {"", "batch", "=1", "batch=", "batch=1,,2"}) {
    expect_error(ErrorCode::invalid_argument, [&] { parse_axis(wrong); });
  }
}

TEST(Sweep, CombinationsChangeTheLastAxisFastest) {
  const auto settings = combinations({{"a", {"1", "2"}}, {"b", {"x", "y"}}});
  ASSERT_EQ(settings.size(), 4U);
  EXPECT_EQ(to_text(settings[0]), "a=1 b=x");
  EXPECT_EQ(to_text(settings[1]), "a=1 b=y");
  EXPECT_EQ(to_text(settings[3]), "a=2 b=y");
  EXPECT_EQ(combinations({}).size(), 1U);
}

/// A model [-1, 8] with the mean of each row.
class SweepTest : public ::testing::Test {
 protected:
  SweepTest() {
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

TEST_F(SweepTest, SettingsThatCannotRunSayWhy) {
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
  EXPECT_EQ(result.environment.model_sha256.size(), 64U);
}

TEST_F(SweepTest, OneSettingThatCannotRunIsAnError) {
  expect_error(ErrorCode::unavailable, [&] { result_of({{"backend", {"abacus"}}}); });
}

TEST_F(SweepTest, UnknownSettingsAndValuesAreRefused) {
  expect_contains(expect_error(ErrorCode::invalid_argument,
                               [&] {
                                 result_of({{"colour", {"red", "blue"}}});
                               }),
                  "colour");
  expect_error(ErrorCode::invalid_argument, [&] { result_of({{"batch", {"1", "many"}}}); });
}

TEST_F(SweepTest, InterleavedTargetsAreTwoRuns) {
  experiment_.targets.push_back(experiment_.targets.front());
  experiment_.slices = 2;
  const Result result = result_of({});
  ASSERT_EQ(result.runs.size(), 2U);
  EXPECT_EQ(result.runs[0].name, "A: model net.onnx");
  EXPECT_EQ(result.runs[1].name, "B: model net.onnx");
}

TEST_F(SweepTest, CsvHasALineARunAndAllItsColumns) {
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
