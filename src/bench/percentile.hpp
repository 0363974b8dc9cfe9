#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace vivace::bench {

/// A figure estimated from a sample, and the interval that holds the true one with the stated confidence.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// How sure the intervals are.
inline constexpr double kConfidence = 0.95;

/// The smallest value that at least `share` (above 0, at most 1) of all are not above. `sorted` must not be empty.
double nearest_rank(std::span<const double> sorted, double share);

/// The same for `share` below 1 with its interval: the order statistics between which the true percentile lies with
/// `confidence`, whatever the distribution, since the number of values below it is binomial (Hahn and Meeker,
/// "Statistical Intervals", 5.2). Nothing where the sample is too small to have such values on both sides.
std::optional<Estimate> percentile(std::span<const double> sorted, double share, double confidence = kConfidence);

/// The smallest k for which at most k of `trials` succeed with probability at least `probability`, where each succeeds
/// with probability `chance` (0 < chance < 1).
std::uint64_t binomial_quantile(std::uint64_t trials, double chance, double probability);

}  // namespace vivace::bench
