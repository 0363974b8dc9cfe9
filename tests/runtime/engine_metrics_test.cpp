#include "runtime/engine_metrics.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/errors.hpp"

namespace vivace::runtime {
namespace {

TEST(MetricsRecorder, HasFewSizesOfRunsWhateverCallersSend) {
  MetricsRecorder recorder;
  constexpr std::size_t kMost = 1 << 16;
  for (std::size_t rows = 1; rows <= kMost; ++rows) recorder.count_run(rows, 0);
  const auto batches = recorder.snapshot().batches;
  EXPECT_EQ(batches.size(), 64U + 10U) << "1 to 64, and 2^7 to 2^16";
  EXPECT_EQ(batches.at(3), 1U);
  EXPECT_EQ(batches.at(64), 1U);
  EXPECT_EQ(batches.at(128), 64U);
  EXPECT_EQ(batches.at(kMost), kMost / 2);
}

std::vector<std::string> lines_that_start(const std::string& page, const std::string& start) {
  std::istringstream text(page);
  std::vector<std::string> found;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(start)) found.push_back(line);
  }
  return found;
}

// https://prometheus.io/docs/instrumenting/exposition_formats: one HELP and one TYPE line a metric, before its samples,
// and all lines of a metric as one group.
TEST(Prometheus, HasEveryMetricOnceWithTheValuesOfAllEngines) {
  EngineMetrics a;
  a.requests = 3;
  a.batches = {{1, 2}, {8, 1}};
  a.queue_s = {.count = 2, .mean = 0.5, .p50 = 0.25};
  EngineMetrics b;
  b.requests = 5;
  b.failures = {{"cancelled", 4}};
  const std::string page = to_prometheus({{"a", a}, {"b", b}});
  using Lines = std::vector<std::string>;
  EXPECT_EQ(lines_that_start(page, "vivace_engine_requests_total"),
            (Lines{"vivace_engine_requests_total{model=\"a\"} 3", "vivace_engine_requests_total{model=\"b\"} 5"}));
  EXPECT_EQ(lines_that_start(page, "vivace_engine_failures_total"),
            Lines{"vivace_engine_failures_total{model=\"b\",code=\"cancelled\"} 4"});
  EXPECT_EQ(lines_that_start(page, "vivace_engine_runs_total"),
            (Lines{"vivace_engine_runs_total{model=\"a\",rows=\"1\"} 2",
                   "vivace_engine_runs_total{model=\"a\",rows=\"8\"} 1"}));
  EXPECT_EQ(
      lines_that_start(page, "vivace_engine_queue_seconds_sum"),
      (Lines{"vivace_engine_queue_seconds_sum{model=\"a\"} 1", "vivace_engine_queue_seconds_sum{model=\"b\"} 0"}));
  std::set<std::string> heads;
  std::set<std::string> ended;
  std::string current;
  for (const std::string& line : lines_that_start(page, "")) {
    if (line.starts_with("# ")) {
      EXPECT_TRUE(heads.insert(line).second) << line;
      if (!line.starts_with("# HELP ")) continue;
      if (!current.empty()) ended.insert(current);
      current = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_FALSE(ended.contains(current)) << line;
    } else {
      EXPECT_TRUE(line.starts_with(current)) << line << " stands below " << current;
    }
  }
}

TEST(Prometheus, OfOneEngineIsThePageOfAListWithIt) {
  EngineMetrics metrics;
  metrics.rows = 7;
  EXPECT_EQ(to_prometheus(metrics, "a"), to_prometheus({{"a", metrics}}));
  EXPECT_EQ(lines_that_start(to_prometheus(std::vector<ModelMetrics>{}), "vivace_engine").size(), 0U);
}

TEST(Prometheus, RefusesTwoEnginesOfOneLabel) {
  test::expect_error(ErrorCode::invalid_argument, [] { to_prometheus({{"a", {}}, {"a", {}}}); });
}

TEST(Prometheus, ALineBreakInALabelStaysInItsLine) {
  const std::string page = to_prometheus(EngineMetrics{}, "a\nb\"c\\d");
  test::expect_contains(page, "vivace_engine_requests_total{model=\"a\\nb\\\"c\\\\d\"} 0\n");
}

}  // namespace
}  // namespace vivace::runtime
