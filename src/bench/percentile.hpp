#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace vivace::bench {

/// The percentiles that are told of every distribution.
inline constexpr std::array<double, 5> kShares = {0.5, 0.9, 0.95, 0.99, 0.999};
inline constexpr std::array<std::string_view, kShares.size()> kShareNames = {"p50", "p90", "p95", "p99", "p999"};

/// A figure estimated from a sample, and the interval that holds the true one with the stated confidence.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// How sure the intervals are.
inline constexpr double kConfidence = 0.95;

/// Whether so many values have enough above a percentile, ten, to tell it.
bool reaches_percentile(std::size_t values, double share);
/// How many values do.
std::size_t values_to_reach(double share);

/// The smallest value that at least `share` (above 0, at most 1) of all are not above; 0 without values.
double nearest_rank(std::span<const double> sorted, double share);

/// The same for `share` below 1 with its interval: the order statistics between which the true percentile lies with
/// `confidence`, whatever the distribution of independent values, since the number below it is binomial (Hahn and
/// Meeker, "Statistical Intervals", 5.2). Nothing where the sample does not reach the percentile, or is too small to
/// have such values on both sides.
std::optional<Estimate> percentile(std::span<const double> sorted, double share, double confidence = kConfidence);

/// The smallest k for which at most k of `trials` succeed with probability at least `probability`, where each succeeds
/// with probability `chance` (0 < chance < 1).
std::uint64_t binomial_quantile(std::uint64_t trials, double chance, double probability);

}  // namespace vivace::bench
