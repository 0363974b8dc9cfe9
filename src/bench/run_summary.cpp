#include "bench/run_summary.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace vivace::bench {
namespace {

template <typename Time>
std::vector<double> times(std::span<const Sample> samples, Time time) {
  std::vector<double> seconds;
  seconds.reserve(samples.size());
  for (const Sample& sample : samples) {
    if (!sample.failed) seconds.push_back(time(sample));
  }
  return seconds;
}

}  // namespace

TimeSummary summarize(std::vector<double> seconds) {
  TimeSummary summary;
  if (seconds.empty()) return summary;
  std::sort(seconds.begin(), seconds.end());
  summary.count = seconds.size();
  summary.mean = std::accumulate(seconds.begin(), seconds.end(), 0.0) / static_cast<double>(seconds.size());
  summary.least = seconds.front();
  summary.most = seconds.back();
  for (std::size_t i = 0; i < kShares.size(); ++i) summary.percentiles[i] = percentile(seconds, kShares[i]);
  return summary;
}

RunSummary summarize(const Run& run) {
  RunSummary summary;
  summary.requests = run.samples.size();
  double items = 0;
  for (const Sample& sample : run.samples) {
    if (sample.failed) {
      ++summary.failed;
    } else {
      items += sample.items;
    }
  }
  if (run.duration_s > 0) {
    summary.rate_hz = static_cast<double>(summary.requests - summary.failed) / run.duration_s;
    summary.items_per_s = items / run.duration_s;
  }
  summary.response = summarize(times(run.samples, [](const Sample& sample) { return sample.response_s(); }));
  summary.service = summarize(times(run.samples, [](const Sample& sample) { return sample.service_s(); }));
  summary.lag = summarize(times(run.samples, [](const Sample& sample) { return sample.lag_s(); }));
  return summary;
}

std::vector<double> sorted_response_times(std::span<const Sample> samples) {
  std::vector<double> seconds = times(samples, [](const Sample& sample) { return sample.response_s(); });
  std::sort(seconds.begin(), seconds.end());
  return seconds;
}

}  // namespace vivace::bench
