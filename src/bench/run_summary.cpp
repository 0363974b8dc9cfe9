#include "bench/run_summary.hpp"

#include <algorithm>
#include <numeric>

#include "bench/metric.hpp"

namespace vivace::bench {

TimeSummary summarize(const std::vector<double>& ascending) {
  TimeSummary summary;
  if (ascending.empty()) return summary;
  summary.count = ascending.size();
  summary.mean = std::accumulate(ascending.begin(), ascending.end(), 0.0) / static_cast<double>(ascending.size());
  summary.least = ascending.front();
  summary.most = ascending.back();
  for (std::size_t i = 0; i < kShares.size(); ++i) summary.percentiles[i] = percentile(ascending, kShares[i]);
  return summary;
}

RunSummary summarize(const Run& run) {
  RunSummary summary;
  summary.requests = run.samples.size();
  summary.failed = static_cast<std::size_t>(
      std::count_if(run.samples.begin(), run.samples.end(), [](const Sample& sample) { return sample.failed; }));
  if (run.duration_s > 0) summary.rate_hz = static_cast<double>(summary.requests - summary.failed) / run.duration_s;
  summary.items_per_s = items_per_second(run);
  summary.response = summarize(ascending_times(run, &Sample::response_s));
  summary.service = summarize(ascending_times(run, &Sample::service_s));
  summary.lag = summarize(ascending_times(run, &Sample::lag_s));
  return summary;
}

}  // namespace vivace::bench
