#pragma once

#include <string>
#include <vector>

#include "bench/chart.hpp"
#include "bench/result.hpp"

namespace vivace::bench {

/// A run of a report, with a name that no other run of it has.
struct ReportRun {
  std::string name;
  const Run* run = nullptr;
};

/// Runs that a chart with lines shows; more could not be told apart.
inline constexpr std::size_t kMostLines = kChartColours;

/// The runs of which a chart can show something: those with an answer.
std::vector<ReportRun> answered_runs(const std::vector<ReportRun>& runs);

/// Whether a request was sent later than it was meant to be, so that response and service time differ.
bool has_lag(const Run& run);

/// Charts of runs that have answers. Each has no data where the runs have none. Lines are those of the first
/// kMostLines runs, tables have all.
LineChart latency_distribution(const std::vector<ReportRun>& runs);
LineChart latency_over_time(const std::vector<ReportRun>& runs);
RowChart percentiles_by_run(const std::vector<ReportRun>& runs);
RowChart stages_by_run(const std::vector<ReportRun>& runs);

/// Throughput over what was varied: callers, streams, the rate of requests, or a setting that is a number, one line
/// for each combination of the other settings. No data where nothing was varied.
LineChart throughput_over_load(const std::vector<ReportRun>& runs);

}  // namespace vivace::bench
