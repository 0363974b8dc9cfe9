#include "bench/fail_rule.hpp"

#include <gtest/gtest.h>

#include "support/errors.hpp"

namespace vivace::bench {
namespace {

using test::expect_contains;
using test::expect_error;

MetricComparison comparison_of(double ratio, double low, double high) {
  MetricComparison comparison;
  comparison.base = 1;
  comparison.other = ratio;
  comparison.ratio = ratio;
  comparison.interval = {low, high};
  return comparison;
}

TEST(ParseFailRule, ReadsMetricSignAndBound) {
  const FailRule above = parse_fail_rule(" p99 > 1.05 ");
  EXPECT_EQ(above.metric, metric_named("p99"));
  EXPECT_TRUE(above.above);
  EXPECT_EQ(above.bound, 1.05);
  const FailRule below = parse_fail_rule("rate<0.9");
  EXPECT_EQ(below.metric.kind, Metric::Kind::rate);
  EXPECT_FALSE(below.above);
  for (const char* name : {"p50", "p90", "p95", "p999", "mean", "first", "load", "rss", "service.p99"}) {
    EXPECT_EQ(parse_fail_rule(std::string(name) + ">1").metric.name, name);
  }
}

TEST(ParseFailRule, RefusesWhatIsNoRule) {
  for (const char* text : {"", "p99", ">1", "p99>", "p99>x", "p99>1.05.2", "p99>0", "p99>-1", "p99>inf", "p98>1",
                           "service.rate>1", "p99>>1", "p99=1"}) {
    const std::string message = expect_error(ErrorCode::invalid_argument, [&] { parse_fail_rule(text); });
    EXPECT_FALSE(message.empty());
  }
  expect_contains(expect_error(ErrorCode::invalid_argument, [] { parse_fail_rule("p98>1"); }), "p98");
}

TEST(FailRule, FailsWhereTheWholeIntervalIsBeyond) {
  const FailRule rule = parse_fail_rule("p99>1.05");
  EXPECT_EQ(check(rule, comparison_of(1.04, 1.02, 1.06), false), RuleOutcome::holds);
  EXPECT_EQ(check(rule, comparison_of(1.06, 1.04, 1.08), false), RuleOutcome::doubtful);
  EXPECT_EQ(check(rule, comparison_of(1.08, 1.06, 1.10), false), RuleOutcome::fails);
  EXPECT_EQ(check(rule, comparison_of(1.06, 1.04, 1.08), true), RuleOutcome::fails);
}

TEST(FailRule, BelowLooksAtTheUpperEnd) {
  const FailRule rule = parse_fail_rule("rate<0.95");
  EXPECT_EQ(check(rule, comparison_of(0.97, 0.93, 1.01), false), RuleOutcome::holds);
  EXPECT_EQ(check(rule, comparison_of(0.94, 0.92, 0.96), false), RuleOutcome::doubtful);
  EXPECT_EQ(check(rule, comparison_of(0.92, 0.90, 0.94), false), RuleOutcome::fails);
}

TEST(FailRule, OfOneValueEachGoesByTheRatio) {
  MetricComparison comparison = comparison_of(1.2, 0, 0);
  comparison.interval.reset();
  EXPECT_EQ(check(parse_fail_rule("rss>1.1"), comparison, false), RuleOutcome::fails);
  EXPECT_EQ(check(parse_fail_rule("p99>1.1"), comparison, false), RuleOutcome::doubtful);
}

// As p999 of fewer than 10,000 requests, which could never fail.
TEST(FailRule, ThatCannotBeTestedIsInDoubtWhateverTheRatio) {
  const FailRule rule = parse_fail_rule("p999>1.05");
  for (const double ratio : {0.5, 1.0, 2.0}) {
    MetricComparison comparison = comparison_of(ratio, 0, 0);
    comparison.interval.reset();
    EXPECT_EQ(check(rule, comparison, false), RuleOutcome::doubtful) << ratio;
    EXPECT_EQ(check(rule, comparison, true), ratio > 1.05 ? RuleOutcome::fails : RuleOutcome::holds) << ratio;
    comparison.is_comparable = false;
    EXPECT_EQ(check(rule, comparison, false), RuleOutcome::doubtful) << ratio;
    EXPECT_EQ(check(rule, comparison, true), RuleOutcome::fails) << ratio;
  }
}

TEST(FailRule, WithoutABaseIsInDoubt) {
  EXPECT_EQ(check(parse_fail_rule("rss<0.9"), MetricComparison{}, true), RuleOutcome::doubtful);
  MetricComparison nothing;
  nothing.base = 1;
  EXPECT_EQ(check(parse_fail_rule("p50>1.05"), nothing, false), RuleOutcome::fails);
}

}  // namespace
}  // namespace vivace::bench
