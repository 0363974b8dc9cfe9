#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bench/percentile.hpp"
#include "bench/result.hpp"

namespace vivace::bench {

/// The percentiles that are told of every distribution.
inline constexpr std::array<double, 5> kShares = {0.5, 0.9, 0.95, 0.99, 0.999};
inline constexpr std::array<std::string_view, kShares.size()> kShareNames = {"p50", "p90", "p95", "p99", "p999"};

/// A distribution of times in seconds. All 0 and empty without values.
struct TimeSummary {
  std::size_t count = 0;
  double mean = 0;
  double least = 0;
  double most = 0;
  std::array<std::optional<Estimate>, kShares.size()> percentiles;  ///< of kShares; none where values are too few
};

TimeSummary summarize(std::vector<double> seconds);

/// What the samples of a run come to. Failed requests are counted and nothing else.
struct RunSummary {
  std::size_t requests = 0;
  std::size_t failed = 0;
  double rate_hz = 0;  ///< requests answered a second
  double items_per_s = 0;
  TimeSummary response;  ///< from the intended send
  TimeSummary service;   ///< from the actual send
  TimeSummary lag;       ///< from the intended to the actual send
};

RunSummary summarize(const Run& run);

/// The response times of a run, without failed requests, ascending.
std::vector<double> sorted_response_times(std::span<const Sample> samples);

}  // namespace vivace::bench
