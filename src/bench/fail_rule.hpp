#pragma once

#include <string>
#include <string_view>

#include "bench/compare.hpp"
#include "bench/metric.hpp"

namespace vivace::bench {

/// A bound on the ratio of a metric: "p99>1.05" fails where the new p99 is more than 1.05 times the old one.
struct FailRule {
  Metric metric;
  bool above = true;  ///< fails above the bound; else below
  double bound = 1;
  std::string text;  ///< as it was given
};

enum class RuleOutcome {
  holds,
  doubtful,  ///< the ratio is beyond the bound, its interval is not; or there is no interval, or no ratio
  fails,
};

/// Reads METRIC, '>' or '<', and a number above 0; blanks are free. Throws Error(invalid_argument).
FailRule parse_fail_rule(std::string_view text);

/// Fails where the new run has no such figure of its requests although the old one has, and where the whole interval is
/// beyond the bound; a metric of one value each has none, and its ratio decides. Is in doubt where that cannot be told,
/// as of too few requests. With `strict` the ratio always decides, and a figure that cannot be compared fails.
RuleOutcome check(const FailRule& rule, const MetricComparison& comparison, bool strict);

}  // namespace vivace::bench
