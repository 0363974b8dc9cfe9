#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "bench/percentile.hpp"
#include "bench/result.hpp"

namespace vivace::bench {

/// A distribution of times in seconds. All 0 and empty without values.
struct TimeSummary {
  std::size_t count = 0;
  double mean = 0;
  double least = 0;
  double most = 0;
  std::array<std::optional<Estimate>, kShares.size()> percentiles;  ///< of kShares; none where values are too few
};

TimeSummary summarize(const std::vector<double>& ascending);

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

}  // namespace vivace::bench
