#include "bench/compare.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/compare_text.hpp"
#include "bench/fail_rule.hpp"
#include "bench/measure.hpp"
#include "bench/simulated_run.hpp"
#include "bench/virtual_target.hpp"
#include "support/errors.hpp"

namespace vivace::bench {
namespace {

using test::expect_contains;
using test::expect_error;
using test::simulated_run;
using test::Simulation;

NamedResult result_of(std::string name, std::vector<Run> runs) { return {std::move(name), {{}, std::move(runs)}}; }

const MetricComparison& metric(const RunComparison& run, const char* name) {
  const MetricComparison* found = find_metric(run, metric_named(name));
  if (found == nullptr) throw std::runtime_error(std::string(name) + " was not compared");
  return *found;
}

/// How two simulated runs compare.
std::vector<MetricComparison> compared(const Simulation& base, const Simulation& other) {
  const NamedResult a = result_of("a.json", {simulated_run(base)});
  const NamedResult b = result_of("b.json", {simulated_run(other)});
  return compare(a, {b}, {}).front().runs.front().metrics;
}

bool is_different(const MetricComparison& comparison) {
  return comparison.verdict == Verdict::better || comparison.verdict == Verdict::worse;
}

struct Process {
  const char* name;
  std::size_t requests;
  double spread;
  double memory;
  double slowdown = 1;
  double spell = 0;
};

Simulation simulation_of(const Process& process, std::uint64_t seed, double median_s) {
  return {seed, process.requests, median_s, process.spread, process.memory, process.slowdown, process.spell};
}

void PrintTo(const Process& process, std::ostream* out) { *out << process.name; }

std::string name_of(const testing::TestParamInfo<Process>& info) { return info.param.name; }

class EqualRuns : public testing::TestWithParam<Process> {};

// A pair with a difference in any metric is a false alarm.
TEST_P(EqualRuns, DifferInAtMostFivePercentOfTwoHundredPairs) {
  constexpr std::uint64_t kPairs = 200;
  std::size_t alarms = 0;
  for (std::uint64_t pair = 0; pair < kPairs; ++pair) {
    const Process& process = GetParam();
    const auto metrics =
        compared(simulation_of(process, 2 * pair + 1, 1e-3), simulation_of(process, 2 * pair + 2, 1e-3));
    alarms += std::any_of(metrics.begin(), metrics.end(), is_different) ? 1 : 0;
  }
  EXPECT_LE(alarms, kPairs / 20);
}

INSTANTIATE_TEST_SUITE_P(Processes, EqualRuns,
                         testing::Values(Process{"independent", 1500, 0.2, 0}, Process{"few", 200, 0.2, 0},
                                         Process{"heavy_tails", 1500, 1, 0}, Process{"correlated", 2000, 0.2, 0.8},
                                         Process{"strongly_correlated", 4000, 0.2, 0.95},
                                         Process{"few_spells", 1500, 0.05, 0, 1.3, 400},
                                         Process{"short_spells", 1500, 0.05, 0, 1.3, 100},
                                         Process{"spells", 4000, 0.05, 0, 1.3, 400}),
                         name_of);

class SlowerRuns : public testing::TestWithParam<Process> {};

TEST_P(SlowerRuns, AreFoundToBeThreePercentSlower) {
  const Process& process = GetParam();
  for (const MetricComparison& comparison :
       compared(simulation_of(process, 7, 1e-3), simulation_of(process, 8, 1.03e-3))) {
    EXPECT_EQ(comparison.verdict, Verdict::worse) << comparison.metric.name << ' ' << comparison.ratio;
    const double expected = comparison.metric.kind == Metric::Kind::rate ? 1 / 1.03 : 1.03;
    EXPECT_LT(comparison.interval->low, expected) << comparison.metric.name;
    EXPECT_GT(comparison.interval->high, expected) << comparison.metric.name;
  }
}

TEST_P(SlowerRuns, AreFoundToBeFasterTheOtherWayRound) {
  const Process& process = GetParam();
  for (const MetricComparison& comparison :
       compared(simulation_of(process, 7, 1.03e-3), simulation_of(process, 8, 1e-3))) {
    EXPECT_EQ(comparison.verdict, Verdict::better) << comparison.metric.name << ' ' << comparison.ratio;
  }
}

INSTANTIATE_TEST_SUITE_P(Processes, SlowerRuns,
                         testing::Values(Process{"independent", 10'000, 0.1, 0},
                                         Process{"correlated", 40'000, 0.1, 0.8}),
                         name_of);

TEST(Compare, IsTheSameEveryTime) {
  const auto first = compared({1, 500}, {2, 500});
  const auto second = compared({1, 500}, {2, 500});
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].interval->low, second[i].interval->low);
}

TEST(Compare, ARunEqualsItself) {
  for (const MetricComparison& comparison : compared({1, 2000}, {1, 2000})) {
    EXPECT_EQ(comparison.ratio, 1) << comparison.metric.name;
    EXPECT_EQ(comparison.verdict, Verdict::no_difference) << comparison.metric.name;
  }
}

TEST(Compare, DoesNotTestQuantilesWithFewerThanTenSamplesBeyond) {
  const NamedResult few = result_of("few.json", {simulated_run({1, 999})});
  const auto comparisons = compare(few, {few}, {});
  const RunComparison& run = comparisons.front().runs.front();
  EXPECT_EQ(metric(run, "p99").verdict, Verdict::untested);
  expect_contains(metric(run, "p99").remark, "1000");
  EXPECT_EQ(metric(run, "p90").verdict, Verdict::no_difference);
}

TEST(Compare, DoesNotTestAHandfulOfRequests) {
  const NamedResult few = result_of("few.json", {simulated_run({1, 20})});
  const auto comparisons = compare(few, {few}, {});
  EXPECT_EQ(metric(comparisons.front().runs.front(), "rate").verdict, Verdict::untested);
}

TEST(Compare, ShowsWhatHasOneValueEachWithoutAVerdict) {
  bench::Run base = simulated_run({1, 100});
  bench::Run other = base;
  base.peak_resident_bytes = 100;
  other.peak_resident_bytes = 150;
  const auto comparisons = compare(result_of("a", {base}), {result_of("b", {other})}, {});
  const MetricComparison memory = metric(comparisons.front().runs.front(), "rss");
  EXPECT_EQ(memory.ratio, 1.5);
  EXPECT_EQ(memory.verdict, Verdict::untested);
}

// A process keeps what other settings took: libraries of backends, stacks of threads.
TEST(Compare, DoesNotCompareMemoryOfLaterSettingsOfASweep) {
  bench::Run first = simulated_run({1, 100});
  first.peak_resident_bytes = 100;
  bench::Run later = first;
  later.peak_resident_bytes = 200;
  later.settings_before = 1;
  const std::vector<FailRule> rules = {parse_fail_rule("rss>1.1")};
  for (const auto& [base, other] : {std::pair{first, later}, {later, first}}) {
    const NamedResult a = result_of("a", {base});
    EXPECT_EQ(find_metric(compare(a, {result_of("b", {other})}, {}).front().runs.front(), metric_named("rss")),
              nullptr);
    const NamedResult b = result_of("b", {other});
    const auto findings = check_rules(rules, compare(a, {b}, {{}, {metric_named("rss")}}), false);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings.front().outcome, RuleOutcome::doubtful);
    expect_contains(findings.front().text, "settings before it");
  }
}

// As that of a run in turn is not.
TEST(Compare, MemoryThatIsNotKnownFailsNoRule) {
  bench::Run known = simulated_run({1, 100});
  known.peak_resident_bytes = 100;
  bench::Run unknown = known;
  unknown.peak_resident_bytes = 0;
  const NamedResult base = result_of("a", {known});
  const NamedResult other = result_of("b", {unknown});
  const auto comparisons = compare(base, {other}, {{}, {metric_named("rss")}});
  const auto findings = check_rules({parse_fail_rule("rss>1.1")}, comparisons, false);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings.front().outcome, RuleOutcome::doubtful);
}

/// A comparison of one metric as people read it.
std::string text_of(double ratio, double low, double high, Verdict verdict) {
  const bench::Run run = simulated_run({1, 10});
  const MetricComparison slower{metric_named("p50"), 1, ratio, ratio, Interval{low, high}, verdict, ""};
  return to_text({{"a", "b", {}, {{"c=1", &run, &run, false, {}, {slower}}}}}, {});
}

struct ShownRatio {
  double ratio, low, high;
  Verdict verdict;
  const char* told;
};

// 1 is in the interval that is shown where it is in the interval, and nowhere else.
TEST(CompareText, ShowsTheSideOfOneThatAnIntervalIsOn) {
  for (const ShownRatio& shown : {ShownRatio{1.0100, 1.0004, 1.0203, Verdict::worse, "1.0100 (1.0004–1.0203)  slower"},
                                  {0.98, 0.96, 0.9996, Verdict::better, "0.9800 (0.9600–0.9996)  faster"},
                                  {1.01, 0.9996, 1.02, Verdict::no_difference, "1.01 (1.00–1.02)  no difference"},
                                  {1.1, 1.05, 1.15, Verdict::worse, "1.10 (1.05–1.15)  slower"}}) {
    expect_contains(text_of(shown.ratio, shown.low, shown.high, shown.verdict), shown.told);
  }
}

TEST(Compare, IntervalsWidenWithTheNumberOfComparisons) {
  const NamedResult base = result_of("a", {simulated_run({1, 2000})});
  const NamedResult other = result_of("b", {simulated_run({2, 2000})});
  const auto width = [](const std::vector<Comparison>& comparisons) {
    const Interval interval = *metric(comparisons.front().runs.front(), "p50").interval;
    return interval.high - interval.low;
  };
  EXPECT_LT(width(compare(base, {other}, {{metric_named("p50")}, {}})), width(compare(base, {other}, {})));
  EXPECT_LT(width(compare(base, {other}, {})), width(compare(base, {other, other, other}, {})));
}

TEST(Compare, RefusesRunsWithProblemsUnlessAllowed) {
  bench::Run late = simulated_run({1, 500});
  late.problems = {"the generator fell behind"};
  const NamedResult base = result_of("a.json", {simulated_run({1, 500})});
  const NamedResult other = result_of("b.json", {late});
  const std::string message = expect_error(ErrorCode::unavailable, [&] { compare(base, {other}, {}); });
  for (const char* part : {"b.json", "c=1", "the generator fell behind", "--allow-invalid"}) {
    expect_contains(message, part);
  }
  const auto allowed = compare(base, {other}, {{}, {}, true});
  expect_contains(allowed.front().runs.front().warnings.front(), "the generator fell behind");
}

TEST(Compare, LeavesOutWhatCouldNotRunOrHasNoPartner) {
  bench::Run missing;
  missing.name = "backend=abacus";
  missing.problems = {"could not run: there is no abacus"};
  bench::Run alone = simulated_run({3, 500});
  alone.name = "late and alone";
  alone.problems = {"the generator fell behind"};
  const NamedResult base = result_of("a.json", {simulated_run({1, 500}), missing});
  const NamedResult other = result_of("b.json", {simulated_run({2, 500}), missing, alone});
  const Comparison comparison = compare(base, {other}, {}).front();
  EXPECT_EQ(comparison.runs.size(), 1U);
  ASSERT_EQ(comparison.warnings.size(), 2U);
  expect_contains(comparison.warnings[0], "'late and alone' is only in b.json");
  EXPECT_EQ(comparison.warnings[1],
            "in neither result was measured 'backend=abacus': could not run: there is no abacus");
  const NamedResult nothing = result_of("c.json", {missing});
  expect_contains(expect_error(ErrorCode::unavailable, [&] { compare(nothing, {nothing}, {}); }), "there is no abacus");
}

TEST(Compare, TellsAReasonOfManyRunsOnce) {
  std::vector<bench::Run> runs{simulated_run({1, 500})};
  for (const char* name : {"batch=1", "batch=2"}) {
    bench::Run missing;
    missing.name = name;
    missing.problems = {"could not run: there is no abacus"};
    runs.push_back(missing);
  }
  const NamedResult sweep = result_of("a.json", runs);
  EXPECT_EQ(compare(sweep, {sweep}, {}).front().warnings,
            std::vector<std::string>{
                "in neither result was measured 'batch=1', 'batch=2': could not run: there is no abacus"});
  runs[2].problems = {"could not run: there is no sliderule"};
  const auto comparisons = compare(sweep, {result_of("b.json", runs)}, {});
  EXPECT_EQ(comparisons.front().warnings.size(), 3U);
}

TEST(Compare, RulesDoNotHoldWhereARunIsLost) {
  bench::Run lost = simulated_run({3, 500});
  lost.name = "backend=abacus";
  bench::Run broken = lost;
  broken.samples.clear();
  broken.problems = {"could not run: there is no abacus"};
  const NamedResult base = result_of("a.json", {simulated_run({1, 500}), lost});
  const std::vector<FailRule> rules = {parse_fail_rule("p50>100"), parse_fail_rule("rate<0.01")};
  for (const std::vector<bench::Run>& now : {std::vector{simulated_run({1, 500})}, {simulated_run({1, 500}), broken}}) {
    const auto findings = check_rules(rules, compare(base, {result_of("b.json", now)}, {}), false);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings.front().outcome, RuleOutcome::fails);
    expect_contains(findings.front().text, "no rule can hold");
  }
  EXPECT_TRUE(check_rules(rules, compare(base, {base}, {}), false).empty());
}

TEST(Compare, WarnsOfFailedRequestsAndLeavesThemOut) {
  bench::Run run = simulated_run({1, 500});
  bench::Run failing = run;
  failing.samples.push_back({run.duration_s, run.duration_s, run.duration_s + 100, 1, 0, true});
  const auto comparisons = compare(result_of("a", {run}), {result_of("b", {failing})}, {});
  const RunComparison& compared_run = comparisons.front().runs.front();
  expect_contains(compared_run.warnings.front(), "1 of 501 requests of the new run failed");
  EXPECT_EQ(metric(compared_run, "mean").ratio, 1);
}

TEST(Compare, WarnsOfARunThatDrifts) {
  bench::Run drifting = simulated_run({1, 2000});
  double now = 0;
  for (Sample& sample : drifting.samples) {
    const double service = sample.service_s() * (1 + now);
    sample = {now, now, now + service, 1, 0, false};
    now += service;
  }
  const auto comparisons = compare(result_of("a", {simulated_run({1, 2000})}), {result_of("b", {drifting})}, {});
  expect_contains(comparisons.front().runs.front().warnings.front(), "the new run drifts");
}

TEST(Compare, WarnsOfARunWithFewIndependentStretches) {
  const NamedResult steady = result_of("a", {simulated_run({1, 1500, 1e-3, 0.05})});
  const NamedResult changing = result_of("b", {simulated_run({3, 1500, 1e-3, 0.05, 0, 1.3, 400})});
  const auto comparisons = compare(changing, {steady}, {});
  const std::vector<std::string>& warnings = comparisons.front().runs.front().warnings;
  ASSERT_EQ(warnings.size(), 1U);
  expect_contains(warnings.front(), "the base run drifts");
  expect_contains(warnings.front(), "independent stretches");
}

TEST(Compare, NamesTheDifferencesOfEnvironments) {
  NamedResult base = result_of("a", {simulated_run({1, 100})});
  NamedResult other = base;
  base.result.environment.cpu = "A";
  other.result.environment.cpu = "B";
  other.result.environment.libraries = {{"onnxruntime", "1.31.1"}};
  other.result.runs.front().settings = {{"precision", "bf16"}};
  const auto comparison = compare(base, {other}, {}).front();
  EXPECT_EQ(comparison.warnings,
            (std::vector<std::string>{"differs in cpu: A, then B", "differs in onnxruntime: none, then 1.31.1"}));
  EXPECT_EQ(comparison.runs.front().warnings, std::vector<std::string>{"differs in precision: none, then bf16"});
}

TEST(Compare, LeavesOutTheServiceTimeWhereItIsTheResponseTime) {
  const NamedResult base = result_of("a", {simulated_run({1, 100})});
  const auto usual = compare(base, {base}, {});
  EXPECT_EQ(find_metric(usual.front().runs.front(), metric_named("service.p50")), nullptr);
  const auto required = compare(base, {base}, {{}, {metric_named("service.p50")}});
  EXPECT_NE(find_metric(required.front().runs.front(), metric_named("service.p50")), nullptr);
}

/// Two targets, measured in turn on a machine that becomes slower by 10 % meanwhile; the second needs `ratio` times as
/// long. Times have 2 % noise.
std::vector<Run> runs_in_turn(double ratio, std::uint64_t seed) {
  constexpr double kMedian = 5e-3;
  constexpr double kSpread = 0.02;
  constexpr double kDrift = 0.1;
  LoadPlan plan;
  plan.duration_s = 10;
  plan.warm_up_limit_s = 0;
  VirtualClock clock;
  test::Noise noise(seed, 0);
  const auto serve = [&](double median_s) {
    return in_virtual_time(clock, [&, median_s](std::size_t) {
      return median_s * (1 + kDrift * clock.now() / (2 * plan.duration_s)) * std::exp(kSpread * noise.next());
    });
  };
  FunctionTarget base(serve(kMedian));
  FunctionTarget other(serve(ratio * kMedian));
  std::vector<Run> runs = measure_interleaved({&base, &other}, plan, 10, {clock});
  runs[0].name = "A";
  runs[1].name = "B";
  return runs;
}

TEST(CompareInTurn, EqualTargetsOnADriftingMachineDifferInAtMostFivePercentOfTwoHundredPairs) {
  constexpr std::uint64_t kPairs = 200;
  std::size_t alarms = 0;
  for (std::uint64_t pair = 1; pair <= kPairs; ++pair) {
    const NamedResult turns = result_of("a", runs_in_turn(1, pair));
    const auto comparisons = compare_in_turn(turns, {});
    const auto& metrics = comparisons.front().runs.front().metrics;
    alarms += std::any_of(metrics.begin(), metrics.end(), is_different) ? 1 : 0;
  }
  EXPECT_LE(alarms, kPairs / 20);
}

TEST(CompareInTurn, FindsASmallDifferenceOnADriftingMachine) {
  const std::vector<bench::Run> runs = runs_in_turn(1.03, 1);
  const NamedResult turns = result_of("a", runs);
  const auto in_turn = compare_in_turn(turns, {{metric_named("mean"), metric_named("rate")}, {}});
  EXPECT_EQ(in_turn.front().runs.front().name, "A → B");
  for (const MetricComparison& comparison : in_turn.front().runs.front().metrics) {
    EXPECT_EQ(comparison.verdict, Verdict::worse) << comparison.metric.name;
    EXPECT_NEAR(comparison.ratio, comparison.metric.more_is_better() ? 1 / 1.03 : 1.03, 0.003);
  }
}

TEST(CompareInTurn, DoesNotCompareWhatBothTargetsShare) {
  std::vector<bench::Run> runs = runs_in_turn(1, 1);
  for (bench::Run& run : runs) run.first_s = run.load_model_s = static_cast<double>(run.peak_resident_bytes = 1);
  const NamedResult turns = result_of("a.json", runs);
  for (const char* name : {"first", "load", "rss"}) {
    EXPECT_EQ(find_metric(compare_in_turn(turns, {}).front().runs.front(), metric_named(name)), nullptr);
    const CompareOptions options{{metric_named(name)}, {}};
    expect_contains(expect_error(ErrorCode::invalid_argument, [&] { compare_in_turn(turns, options); }), name);
  }
}

TEST(CompareInTurn, RefusesAResultWithoutTurns) {
  const NamedResult alone = result_of("a.json", {simulated_run({1, 100})});
  const std::string message = expect_error(ErrorCode::invalid_argument, [&] { compare_in_turn(alone, {}); });
  expect_contains(message, "a.json");
  expect_contains(message, "--interleave");
}

}  // namespace
}  // namespace vivace::bench
