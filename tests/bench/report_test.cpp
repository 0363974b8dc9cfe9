#include "bench/report.hpp"

#include <gtest/gtest.h>

#include <string>

#include "bench/chart_labels.hpp"
#include "bench/report_charts.hpp"
#include "bench/simulated_run.hpp"
#include "support/errors.hpp"

namespace vivace::bench {
namespace {

using test::expect_contains;
using test::expect_error;
using test::simulated_run;

TEST(Report, ShowsAnyForeignTextAsText) {
  bench::Run run = simulated_run({1, 200});
  run.name = run.target = "<script>";
  run.settings["<script>"] = "<script>";
  run.found["<script>"] = 1;
  run.stage_s["<script>"] = 1;
  run.problems = run.notes = {"<script>"};
  run.load.kind = "<script>";
  Environment environment;
  environment.host = environment.cpu = run.model_sha256 = run.input_sha256 = "<script>";
  environment.libraries["<script>"] = "<script>";
  environment.command = {"<script>"};
  const std::string page = to_html({{"<script>", {environment, {run, run}}}}, {});
  EXPECT_EQ(page.find("<script"), std::string::npos);
  expect_contains(page, "&lt;script&gt;");
}

TEST(Report, LoadsNothing) {
  const std::string page = to_html({{"a", {{}, {simulated_run({1, 200})}}}}, {});
  for (const char* loading : {"http:", "https:", "src=", "url(", "@import"}) {
    EXPECT_EQ(page.find(loading), std::string::npos) << loading;
  }
}

TEST(Report, RefusesAResultWithoutRuns) {
  expect_contains(expect_error(ErrorCode::invalid_argument, [] { to_html({{"a.json", {}}}, {}); }), "a.json");
}

// A run of n requests of which i took i ms: its percentiles are known.
TEST(LatencyDistribution, IsThatOfTheSamples) {
  bench::Run run;
  for (int i = 1; i <= 1000; ++i) run.samples.push_back({0, 0, i * 1e-3, 1, 0, false});
  const LineChart chart = latency_distribution({{"a", &run}});
  ASSERT_EQ(chart.series.size(), 1U);
  for (const Point& point : chart.series.front().points) EXPECT_NEAR(point.x, point.y, 1.1e-3);
}

TEST(ThroughputOverLoad, DrawsALineForEachOtherSetting) {
  std::vector<bench::Run> runs;
  for (const char* backend : {"onnxruntime", "openvino"}) {
    for (const std::size_t callers : {4U, 1U, 2U}) {
      bench::Run run = simulated_run({callers, 100});
      run.settings["backend"] = backend;
      run.load.concurrency = callers;
      runs.push_back(run);
    }
  }
  std::vector<ReportRun> named;
  for (const bench::Run& run : runs) named.push_back({"run", &run});
  const LineChart chart = throughput_over_load(named);
  EXPECT_EQ(chart.x.title, "concurrency");
  ASSERT_EQ(chart.series.size(), 2U);
  EXPECT_EQ(chart.series[0].name, "backend=onnxruntime");
  EXPECT_EQ(chart.series[1].points[0].x, 1);
  EXPECT_EQ(chart.series[1].points[2].x, 4);
  EXPECT_NEAR(chart.series[1].points[2].y, 100 / runs[3].duration_s, 1e-9);
}

TEST(ThroughputOverLoad, NamesNothingTwiceAndLeavesOutWhatDidNotRun) {
  std::vector<bench::Run> runs;
  for (const char* backend : {"onnxruntime", "openvino", "abacus"}) {
    for (const std::size_t callers : {1U, 2U}) {
      bench::Run run = simulated_run({callers, 100});
      run.settings = {{"backend", backend}, {"placement", std::string(backend) + "/cpu"}};
      run.load.concurrency = callers;
      runs.push_back(run);
    }
  }
  runs[4].samples.clear();
  runs[5].samples.clear();
  std::vector<ReportRun> named;
  for (const bench::Run& run : runs) named.push_back({"run", &run});
  const LineChart chart = throughput_over_load(answered_runs(named));
  ASSERT_EQ(chart.series.size(), 2U);
  EXPECT_EQ(chart.series[0].name, "backend=onnxruntime");
  EXPECT_EQ(chart.series[1].name, "backend=openvino");
}

TEST(Report, TellsPercentilesWithIntervalsWhereTenRequestsAreSlower) {
  bench::Run run;
  run.name = "a";
  run.load.kind = "poisson";
  run.duration_s = 1;
  for (int i = 1; i <= 100; ++i) run.samples.push_back({0, 0.002, 0.002 + 0.001 * i, 1, 0, false});
  const std::string page = to_html({{"a", {{}, {run}}}}, {});
  expect_contains(page, "<td class=\"number\">52.0\u00a0ms (42.0–\u206063.0)</td><td class=\"number\">–</td>");
  expect_contains(page, "lowest p50");
  EXPECT_EQ(page.find("lowest p99"), std::string::npos);
  expect_contains(page, "<td class=\"number\">2.00\u00a0ms</td><td class=\"number\">–</td></tr>");  // the send lag
}

TEST(ThroughputOverLoad, HasNothingToDrawWhereNothingWasVaried) {
  const bench::Run run = simulated_run({1, 100});
  EXPECT_TRUE(throughput_over_load({{"a", &run}, {"b", &run}}).series.empty());
}

TEST(RowLabels, SayOnlyWhatDiffers) {
  EXPECT_EQ(row_labels({"batch=1 threads=2", "batch=4 threads=2"}, 34),
            (std::vector<LabelLines>{{"batch=1"}, {"batch=4"}}));
  EXPECT_EQ(row_labels({"a b", "a"}, 34), (std::vector<LabelLines>{{"a b"}, {"a"}}));
  EXPECT_EQ(row_labels({"a b", "b a"}, 34), (std::vector<LabelLines>{{"a b"}, {"b a"}}));
  EXPECT_EQ(row_labels({"alone"}, 34), std::vector<LabelLines>{{"alone"}});
}

TEST(RowLabels, AreBrokenAtSpacesAndCutInTheirMiddle) {
  EXPECT_EQ(row_labels({"äöü äöü ä"}, 5), (std::vector<LabelLines>{{"äöü", "äöü ä"}}));
  EXPECT_EQ(row_labels({"äöüäöü"}, 4), (std::vector<LabelLines>{{"äöüä", "öü"}}));
  EXPECT_EQ(row_labels({"1 2 3 4 5 6 7 8"}, 1), (std::vector<LabelLines>{{"1", "2", "3…", "6", "7", "8"}}));
}

TEST(StagesByRun, AreSecondsARequest) {
  bench::Run run = simulated_run({1, 100});
  run.stage_s = {{"infer", 5}, {"queue", 1}};
  const RowChart chart = stages_by_run({{"a", &run}});
  EXPECT_EQ(chart.kinds, (std::vector<std::string>{"queue", "infer"}));
  EXPECT_DOUBLE_EQ(chart.rows.front().values[1].value, 0.05);
}

}  // namespace
}  // namespace vivace::bench
