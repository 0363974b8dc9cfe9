#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/metric.hpp"
#include "bench/result.hpp"

namespace vivace::bench {

enum class Verdict {
  better,
  worse,
  no_difference,  ///< none that the samples show
  untested,       ///< one value each, or too few samples
};

struct Interval {
  double low = 0;
  double high = 0;
};

/// One figure of two runs.
struct MetricComparison {
  Metric metric;
  double base = 0;
  double other = 0;
  double ratio = 0;                  ///< other / base
  std::optional<Interval> interval;  ///< of the ratio, where it can be told
  Verdict verdict = Verdict::untested;
  std::string remark;         ///< why it is untested
  bool is_comparable = true;  ///< false where the two values say nothing about each other; the remark says why
};

/// Two runs that measured the same.
struct RunComparison {
  std::string name;
  const Run* base = nullptr;
  const Run* other = nullptr;
  bool in_turn = false;  ///< the two were made slice by slice in turn
  std::vector<std::string> warnings;
  std::vector<MetricComparison> metrics;
};

/// Two results. Points into them.
struct Comparison {
  std::string base_name;
  std::string other_name;
  std::vector<std::string> warnings;  ///< that concern all runs
  std::vector<RunComparison> runs;
  std::vector<std::string> lost{};  ///< runs of the base that were measured, and have no measured partner: why
};

/// A result and where it is from.
struct NamedResult {
  std::string name;
  Result result;
};

struct CompareOptions {
  std::vector<Metric> metrics;   ///< none: the usual ones, as far as they tell something
  std::vector<Metric> required;  ///< besides, in any case
  bool allow_invalid = false;    ///< take runs with problems, with a warning
};

/// How sure all intervals of one comparison are together.
inline constexpr double kComparisonConfidence = 0.99;

/// Compares each of `others` with `base`. Ratios have intervals that hold together, over all runs and metrics of all
/// comparisons, with kComparisonConfidence (Bonferroni); a difference is told only where 1 is outside. Uncertainty
/// comes from resampling blocks in time, so that requests that are alike because they are neighbours do not count as
/// independent. Runs without samples are left out, with a warning. Throws Error(unavailable) where runs that have a
/// partner have problems, or none of them has samples; Error(invalid_argument) where no run has a partner.
std::vector<Comparison> compare(const NamedResult& base, const std::vector<NamedResult>& others,
                                const CompareOptions& options);

/// Compares runs of one result that were made in turn, A B B A …: what changed on the machine met both and cancels out.
/// Throws as `compare`, and Error(invalid_argument) for metrics that such runs share (first, load, rss).
std::vector<Comparison> compare_in_turn(const NamedResult& result, const CompareOptions& options);

/// The comparison of one metric; null where the runs have none.
const MetricComparison* find_metric(const RunComparison& run, const Metric& metric);

}  // namespace vivace::bench
