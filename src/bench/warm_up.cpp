#include "bench/warm_up.hpp"

#include <algorithm>

#include "bench/load.hpp"

namespace vivace::bench {
namespace {

constexpr std::size_t kStableWindows = 3;
constexpr std::size_t kLeastInWindow = 3;
constexpr std::size_t kDriftParts = 5;
constexpr std::size_t kLeastInPart = 20;

bool are_stable(std::span<const double> windows) {
  return windows.size() >= kStableWindows && ratio_of_extremes(windows.last(kStableWindows)) <= kStableRatio;
}

}  // namespace

WarmUp warm_up(Target& target, const WarmUpOptions& options, Clock& clock, const std::stop_token& stop) {
  WarmUp result;
  const double begin = clock.now();
  target.send(0, options.samples);
  const double warm = clock.now();
  result.first_s = warm - begin;
  ClosedLoad load;
  load.callers = options.callers;
  load.duration_s = options.window_s;
  load.least_requests = std::max({kLeastInWindow, options.callers, target.inputs()});
  load.samples = options.samples;
  std::vector<double> windows;
  std::size_t seen = 1;
  while (!stop.stop_requested() && clock.now() - warm < options.limit_s && !result.stable) {
    load.limit_s = options.limit_s - (clock.now() - warm);
    const Measurement window = run_closed(target, load, clock, stop);
    windows.push_back(median_service_s(window.samples));
    seen = std::max(seen, window.samples.size() * options.samples);
    result.stable = window.samples.size() >= load.least_requests && are_stable(windows);
  }
  result.unseen = target.inputs() - std::min(seen, target.inputs());
  result.duration_s = clock.now() - warm;
  result.service_s = windows.empty() ? result.first_s : windows.back();
  return result;
}

double median_service_s(std::span<const Sample> samples) {
  std::vector<double> seconds;
  seconds.reserve(samples.size());
  for (const Sample& sample : samples) {
    if (!sample.failed) seconds.push_back(sample.service_s());
  }
  if (seconds.empty()) return 0;
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::nth_element(seconds.begin(), middle, seconds.end());
  return *middle;
}

double ratio_of_extremes(std::span<const double> values) {
  if (values.empty()) return 1;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return *least > 0 ? *most / *least : 1;
}

double drift(std::span<const Sample> samples) {
  const std::size_t part = samples.size() / kDriftParts;
  if (part < kLeastInPart) return 1;
  std::vector<double> medians;
  for (std::size_t i = 0; i < kDriftParts; ++i) medians.push_back(median_service_s(samples.subspan(i * part, part)));
  return ratio_of_extremes(medians);
}

}  // namespace vivace::bench
