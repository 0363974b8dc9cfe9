#include "bench/compare.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "bench/blocks.hpp"
#include "bench/bootstrap.hpp"
#include "bench/match.hpp"
#include "bench/percentile.hpp"
#include "bench/student.hpp"
#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

/// What a comparison of two metrics needs besides their values.
struct PendingTest {
  MetricComparison* comparison = nullptr;
  LogError error;
};

/// Whether response and service time of a run are the same, as in a closed load.
bool clocks_agree(const Run& run) {
  return std::all_of(run.samples.begin(), run.samples.end(), [](const Sample& sample) { return sample.lag_s() == 0; });
}

/// Memory that a process keeps of other settings, such as libraries of other backends and stacks of more threads, is
/// not the setting's.
bool holds_memory_of_others(const Run& run) { return run.settings_before > 0; }

/// Why figures of one value each say nothing about each other; empty where they do.
std::string doubt_of_single_values(const Metric& metric, const Run& base, const Run& other) {
  if (value_of(metric, base) == 0 || value_of(metric, other) == 0) return "not known of both";
  if (metric.kind != Metric::Kind::memory || !(holds_memory_of_others(base) || holds_memory_of_others(other)))
    return "";
  return "settings before it in a sweep may have left memory behind; measure each on its own";
}

/// Whether a usual metric tells something. Latencies of a load that sends everything at once say in which order
/// requests were taken, and nothing else.
bool tells_something(const Metric& metric, const Run& base, const Run& other) {
  if (metric.is_latency() && base.load.kind == "offline") return false;
  if (metric.clock == CountedFrom::service && clocks_agree(base) && clocks_agree(other)) return false;
  if (!metric.has_samples() && !doubt_of_single_values(metric, base, other).empty()) return false;
  return value_of(metric, base) > 0 || value_of(metric, other) > 0;
}

std::size_t answered_requests(const Run& run) {
  return static_cast<std::size_t>(
      std::count_if(run.samples.begin(), run.samples.end(), [](const Sample& sample) { return !sample.failed; }));
}

bool reaches(const Metric& metric, const Run& run) {
  return metric.kind != Metric::Kind::quantile || reaches_percentile(answered_requests(run), metric.share);
}

MetricComparison side_by_side(const Metric& metric, const Run& base, const Run& other) {
  MetricComparison comparison{metric, value_of(metric, base), value_of(metric, other), 0, {}, Verdict::untested, ""};
  comparison.ratio = comparison.base > 0 ? comparison.other / comparison.base : 0;
  if (!metric.has_samples()) {
    comparison.remark = doubt_of_single_values(metric, base, other);
    comparison.is_comparable = comparison.remark.empty();
    if (comparison.is_comparable) comparison.remark = "one value each";
  } else if (comparison.base == 0 || comparison.other == 0) {
    comparison.remark = "nothing was answered";
  } else if (!reaches(metric, base) || !reaches(metric, other)) {
    comparison.remark = fmt::format("needs {} answered requests", values_to_reach(metric.share));
    comparison.is_comparable = false;
  }
  return comparison;
}

std::vector<Metric> metrics_of(const std::vector<MetricComparison*>& comparisons) {
  std::vector<Metric> metrics;
  for (const MetricComparison* comparison : comparisons) metrics.push_back(comparison->metric);
  return metrics;
}

/// Errors of the ratios of two runs with slices in turn.
std::vector<std::optional<LogError>> sliced_errors(const Run& base, const Run& other,
                                                   const std::vector<Metric>& metrics) {
  constexpr std::size_t kFewestSlices = 4;
  if (base.slice_ends_s.size() < kFewestSlices) return std::vector<std::optional<LogError>>(metrics.size());
  return paired_log_errors(cut_by_slices(base), cut_by_slices(other), metrics);
}

void warn_of_drift(const BlockedRun& cut, const char* side, std::vector<std::string>& warnings) {
  constexpr std::size_t kEnoughStretches = 8;
  if (!cut.correlated || cut.blocks >= kEnoughStretches) return;
  warnings.push_back(
      fmt::format("the {} run drifts over its time, so that it has {} independent stretches only: measure longer, or "
                  "both in turn (--interleave)",
                  side, cut.blocks));
}

/// The wider of two errors.
LogError wider(const LogError& a, const LogError& b) { return a.standard_error < b.standard_error ? b : a; }

/// Errors of the figures of a run. One that changes its speed does so for all requests, and its percentiles jump from
/// one speed to another: none of them is then known better than the mean.
std::vector<std::optional<LogError>> errors_of(const BlockedRun& run, std::vector<Metric> metrics) {
  if (!run.correlated) return log_errors(run, metrics);
  metrics.push_back(metric_named("mean"));
  std::vector<std::optional<LogError>> errors = log_errors(run, metrics);
  const std::optional<LogError> mean = errors.back();
  errors.pop_back();
  for (std::optional<LogError>& error : errors) {
    if (error && mean) error = wider(*error, *mean);
  }
  return errors;
}

/// Errors of the ratios of two runs that were made one after the other.
std::vector<std::optional<LogError>> separate_errors(RunComparison& run, const std::vector<Metric>& metrics) {
  const std::size_t base_blocks = automatic_block_count(*run.base);
  const std::size_t other_blocks = automatic_block_count(*run.other);
  if (base_blocks == 0 || other_blocks == 0) return std::vector<std::optional<LogError>>(metrics.size());
  const BlockedRun base = cut_evenly(*run.base, base_blocks);
  const BlockedRun other = cut_evenly(*run.other, other_blocks);
  warn_of_drift(base, "base", run.warnings);
  warn_of_drift(other, "new", run.warnings);
  const auto base_errors = errors_of(base, metrics);
  const auto other_errors = errors_of(other, metrics);
  std::vector<std::optional<LogError>> errors;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const bool known = base_errors[i] && other_errors[i];
    errors.push_back(known ? std::optional(error_of_ratio(*base_errors[i], *other_errors[i])) : std::nullopt);
  }
  return errors;
}

/// Appends what can be tested of a pair of runs.
void add_tests(RunComparison& run, std::vector<PendingTest>& tests) {
  std::vector<MetricComparison*> testable;
  for (MetricComparison& comparison : run.metrics) {
    if (comparison.remark.empty()) testable.push_back(&comparison);
  }
  if (testable.empty()) return;
  const std::vector<Metric> metrics = metrics_of(testable);
  const auto errors = run.in_turn ? sliced_errors(*run.base, *run.other, metrics) : separate_errors(run, metrics);
  for (std::size_t i = 0; i < testable.size(); ++i) {
    if (errors[i]) {
      tests.push_back({testable[i], *errors[i]});
    } else {
      testable[i]->remark = "too few requests";
    }
  }
}

Verdict verdict_of(const MetricComparison& comparison) {
  const Interval& interval = *comparison.interval;
  if (interval.low <= 1 && interval.high >= 1) return Verdict::no_difference;
  return (interval.low > 1) == comparison.metric.more_is_better() ? Verdict::better : Verdict::worse;
}

void judge(const PendingTest& test, double allowed_misses) {
  MetricComparison& comparison = *test.comparison;
  const double reach = student_quantile(1 - allowed_misses / 2, test.error.degrees) * test.error.standard_error;
  comparison.interval = {comparison.ratio * std::exp(-reach), comparison.ratio * std::exp(reach)};
  comparison.verdict = verdict_of(comparison);
}

void require_valid(const Run& run, const std::string& result) {
  if (run.problems.empty()) return;
  throw Error(ErrorCode::unavailable, result,
              fmt::format("run '{}' is not to be trusted: {}; measure it again, or take it with --allow-invalid",
                          label_of(run), fmt::join(run.problems, "; ")));
}

std::string reason_of_unmeasured(const Run& run) {
  return run.problems.empty() ? "it has no requests" : run.problems.front();
}

std::string unmeasured_text(const Run& run, const std::string& result) {
  return fmt::format("run '{}' of {} was not measured: {}", label_of(run), result, reason_of_unmeasured(run));
}

/// Pairs that neither result has measured, for one reason.
struct UnmeasuredPairs {
  std::string reason;
  std::vector<std::string> names;
};

/// Takes out the pairs that neither result has measured for the same reason, and warns of each reason once.
std::vector<RunPair> without_unmeasured(const std::vector<RunPair>& pairs, std::vector<std::string>& warnings) {
  std::vector<RunPair> left;
  std::vector<UnmeasuredPairs> unmeasured;
  for (const RunPair& pair : pairs) {
    const std::string reason = reason_of_unmeasured(*pair.base);
    if (!pair.base->samples.empty() || !pair.other->samples.empty() || reason_of_unmeasured(*pair.other) != reason) {
      left.push_back(pair);
      continue;
    }
    const auto same = [&](const UnmeasuredPairs& other) { return other.reason == reason; };
    auto found = std::find_if(unmeasured.begin(), unmeasured.end(), same);
    if (found == unmeasured.end()) found = unmeasured.insert(found, {reason, {}});
    found->names.push_back(fmt::format("'{}'", label_of(*pair.base)));
  }
  for (const auto& [reason, names] : unmeasured) {
    warnings.push_back(fmt::format("in neither result was measured {}: {}", fmt::join(names, ", "), reason));
  }
  return left;
}

/// Runs in turn share a process, so that its memory is that of both, and the first of them is loaded and asked first.
void require_apart(const RunPair& pair, const std::vector<Metric>& metrics) {
  for (const Metric& metric : metrics) {
    if (!pair.in_turn || metric.has_samples()) continue;
    throw Error(ErrorCode::invalid_argument, metric.name,
                "cannot be told of targets measured in turn, which share a process; measure each on its own");
  }
}

std::vector<Metric> wanted_metrics(const RunPair& pair, const CompareOptions& options) {
  std::vector<Metric> metrics = options.metrics;
  require_apart(pair, options.metrics);
  require_apart(pair, options.required);
  if (metrics.empty()) {
    metrics = usual_metrics();
    std::erase_if(metrics, [&](const Metric& metric) {
      return (pair.in_turn && !metric.has_samples()) || !tells_something(metric, *pair.base, *pair.other);
    });
  }
  for (const Metric& metric : options.required) {
    if (std::find(metrics.begin(), metrics.end(), metric) == metrics.end()) metrics.push_back(metric);
  }
  return metrics;
}

/// What lets the figures of a pair be doubted: other settings, problems, failures.
std::vector<std::string> warnings_of(const RunPair& pair) {
  std::vector<std::string> warnings;
  for (const std::string& difference : setting_differences(*pair.base, *pair.other)) {
    warnings.push_back("differs in " + difference);
  }
  for (const Run* run : {pair.base, pair.other}) {
    const char* side = run == pair.base ? "base" : "new";
    for (const std::string& problem : run->problems) {
      warnings.push_back(fmt::format("the {} run is not to be trusted: {}", side, problem));
    }
    const std::size_t requests = run->samples.size();
    const auto failed = requests - answered_requests(*run);
    if (failed > 0) warnings.push_back(fmt::format("{} of {} requests of the {} run failed", failed, requests, side));
  }
  return warnings;
}

RunComparison compare_runs(const RunPair& pair, const CompareOptions& options) {
  RunComparison run{label_of(*pair.base), pair.base, pair.other, pair.in_turn, warnings_of(pair), {}};
  if (label_of(*pair.base) != label_of(*pair.other)) run.name += " → " + label_of(*pair.other);
  for (const Metric& metric : wanted_metrics(pair, options)) {
    run.metrics.push_back(side_by_side(metric, *pair.base, *pair.other));
  }
  return run;
}

/// Compares the pairs whose runs both have samples, and warns of others. Throws where none is left.
void add_pairs(Comparison& comparison, const std::vector<RunPair>& pairs, const CompareOptions& options) {
  for (const RunPair& pair : without_unmeasured(pairs, comparison.warnings)) {
    const bool has_base = !pair.base->samples.empty();
    const bool has_other = !pair.other->samples.empty();
    if (!has_base) comparison.warnings.push_back(unmeasured_text(*pair.base, comparison.base_name));
    if (!has_other) comparison.warnings.push_back(unmeasured_text(*pair.other, comparison.other_name));
    if (has_base && !has_other) comparison.lost.push_back(comparison.warnings.back());
    if (!has_base || !has_other) continue;
    if (!options.allow_invalid) {
      require_valid(*pair.base, comparison.base_name);
      require_valid(*pair.other, comparison.other_name);
    }
    comparison.runs.push_back(compare_runs(pair, options));
  }
  if (!pairs.empty() && comparison.runs.empty()) {
    throw Error(ErrorCode::unavailable, comparison.other_name,
                fmt::format("nothing to compare: {}", fmt::join(comparison.warnings, "; ")));
  }
}

Comparison compare_results(const NamedResult& base, const NamedResult& other, const CompareOptions& options) {
  Comparison comparison{base.name, other.name, {}, {}};
  const RunMatch match = match_runs(base.result.runs, other.result.runs);
  if (match.pairs.empty()) {
    throw Error(ErrorCode::invalid_argument, other.name, "no run has the name of one in " + base.name);
  }
  for (std::string& difference : environment_differences(base.result.environment, other.result.environment)) {
    comparison.warnings.push_back("differs in " + difference);
  }
  for (const std::string& name : match.only_in_base) {
    comparison.warnings.push_back(fmt::format("run '{}' is only in {}", name, base.name));
    comparison.lost.push_back(comparison.warnings.back());
  }
  for (const std::string& name : match.only_in_other) {
    comparison.warnings.push_back(fmt::format("run '{}' is only in {}", name, other.name));
  }
  add_pairs(comparison, match.pairs, options);
  return comparison;
}

/// Tells intervals and verdicts, as many as there are together.
void test_all(std::vector<Comparison>& comparisons) {
  std::vector<PendingTest> tests;
  for (Comparison& comparison : comparisons) {
    for (RunComparison& run : comparison.runs) add_tests(run, tests);
  }
  for (const PendingTest& test : tests) judge(test, (1 - kComparisonConfidence) / static_cast<double>(tests.size()));
}

}  // namespace

std::vector<Comparison> compare(const NamedResult& base, const std::vector<NamedResult>& others,
                                const CompareOptions& options) {
  std::vector<Comparison> comparisons;
  for (const NamedResult& other : others) comparisons.push_back(compare_results(base, other, options));
  test_all(comparisons);
  return comparisons;
}

std::vector<Comparison> compare_in_turn(const NamedResult& result, const CompareOptions& options) {
  std::vector<Comparison> comparisons{{result.name, result.name, {}, {}}};
  add_pairs(comparisons.front(), pairs_in_turn(result.result.runs), options);
  if (comparisons.front().runs.empty()) {
    throw Error(ErrorCode::invalid_argument, result.name,
                "has no runs made in turn (--interleave); name a second result to compare it with");
  }
  test_all(comparisons);
  return comparisons;
}

const MetricComparison* find_metric(const RunComparison& run, const Metric& metric) {
  const auto found = std::find_if(run.metrics.begin(), run.metrics.end(),
                                  [&](const MetricComparison& comparison) { return comparison.metric == metric; });
  return found == run.metrics.end() ? nullptr : &*found;
}

}  // namespace vivace::bench
