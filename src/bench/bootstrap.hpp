#pragma once

#include <optional>
#include <vector>

#include "bench/blocks.hpp"
#include "bench/metric.hpp"

namespace vivace::bench {

/// How uncertain the logarithm of a figure, or of a ratio of two, is.
struct LogError {
  double standard_error = 0;
  double degrees = 1;  ///< of freedom of that standard error
};

/// Of each metric, by resampling blocks; nothing where a resample has a figure that is not above 0. The metrics must
/// have samples. The same run gives the same result, always.
std::vector<std::optional<LogError>> log_errors(const BlockedRun& run, const std::vector<Metric>& metrics);

/// Of the ratios of two runs whose blocks belong together pair by pair, as slices taken in turn do: both are resampled
/// alike, so that what changed for both alike cancels out.
std::vector<std::optional<LogError>> paired_log_errors(const BlockedRun& base, const BlockedRun& other,
                                                       const std::vector<Metric>& metrics);

/// Of the ratio of two independent figures (degrees of freedom after Welch and Satterthwaite).
LogError error_of_ratio(const LogError& base, const LogError& other);

}  // namespace vivace::bench
