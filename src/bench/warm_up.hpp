#pragma once

#include <cstddef>
#include <span>
#include <stop_token>
#include <vector>

#include "bench/clock.hpp"
#include "bench/result.hpp"
#include "bench/target.hpp"

namespace vivace::bench {

/// Service times are stable where the largest of several is at most this many times the smallest.
inline constexpr double kStableRatio = 1.10;

struct WarmUpOptions {
  std::size_t callers = 1;
  double limit_s = 10;      ///< no further request is begun afterwards
  double window_s = 0.2;    ///< at least; and each input is sent at least once
  std::size_t samples = 1;  ///< in one request
};

struct WarmUp {
  double first_s = 0;      ///< the first request took
  double duration_s = 0;   ///< of everything after it
  double service_s = 0;    ///< the median of the last window
  bool stable = false;     ///< whether the last three windows agreed within kStableRatio
  std::size_t unseen = 0;  ///< inputs that were not sent yet
};

/// Sends requests until their service times are stable. Throws Error where the first request fails.
WarmUp warm_up(Target& target, const WarmUpOptions& options, Clock& clock, const std::stop_token& stop);

/// The median service time of requests that did not fail; 0 without any.
double median_service_s(std::span<const Sample> samples);

/// The largest over the smallest; 1 for none.
double ratio_of_extremes(std::span<const double> values);

/// How the median service time changed over a run: ratio_of_extremes of five equal parts, as they were sent. 1 where
/// there are too few samples to tell.
double drift(std::span<const Sample> samples);

}  // namespace vivace::bench
