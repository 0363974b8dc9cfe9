#include "bench/blocks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "bench/bootstrap.hpp"
#include "bench/percentile.hpp"
#include "bench/simulated_run.hpp"

namespace vivace::bench {
namespace {

using test::simulated_run;

// What resampling whole blocks means: their values, as often as they are taken, in one list.
TEST(BlockedValues, AreThoseOfTheCopiedResample) {
  std::mt19937 random(5);
  for (const std::size_t count : {1U, 7U, 1000U, 5000U}) {
    std::vector<double> values(count);
    std::vector<std::uint32_t> blocks(count);
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = static_cast<double>(random() % 1000);
      blocks[i] = static_cast<std::uint32_t>(random() % 5);
    }
    const BlockedValues blocked(values, blocks, 5);
    for (int draw = 0; draw < 20; ++draw) {
      std::vector<std::uint32_t> weights(5);
      for (auto& weight : weights) weight = static_cast<std::uint32_t>(random() % 4);
      std::vector<double> copied;
      double sum = 0;
      for (std::size_t i = 0; i < count; ++i) {
        copied.insert(copied.end(), weights[blocks[i]], values[i]);
        sum += weights[blocks[i]] * values[i];
      }
      std::sort(copied.begin(), copied.end());
      for (const double share : {0.001, 0.5, 0.9, 0.999, 1.0}) {
        EXPECT_EQ(blocked.quantile(weights, share), nearest_rank(copied, share)) << count << ' ' << share;
      }
      EXPECT_NEAR(blocked.mean(weights), copied.empty() ? 0 : sum / static_cast<double>(copied.size()), 1e-9);
    }
  }
}

TEST(NearestRank, IsTheSmallestValueNotBelowTheShare) {
  std::vector<double> hundred(100);
  for (std::size_t i = 0; i < hundred.size(); ++i) hundred[i] = static_cast<double>(i + 1);
  for (const int percent : {1, 50, 90, 95, 99, 100}) EXPECT_EQ(nearest_rank(hundred, percent / 100.0), percent);
  EXPECT_EQ(nearest_rank({}, 0.5), 0);
}

TEST(CutEvenly, BlocksHoldAllRequestsAndAllTime) {
  const bench::Run run = simulated_run({1, 1003});
  const BlockedRun cut = cut_evenly(run, 10);
  double items = 0;
  double seconds = 0;
  for (std::size_t block = 0; block < cut.blocks; ++block) {
    EXPECT_NEAR(cut.items[block], 100, 1);
    items += cut.items[block];
    seconds += cut.seconds[block];
  }
  EXPECT_EQ(items, 1003);
  EXPECT_NEAR(seconds, run.duration_s, 1e-9);
}

TEST(CutBySlices, FollowsTheTimeOfSending) {
  bench::Run run;
  for (int i = 0; i < 10; ++i) run.samples.push_back({i * 1.0, i * 1.0, i + 1.5, 1, 0, false});
  run.slice_ends_s = {3, 7, 11.5};
  const BlockedRun cut = cut_by_slices(run);
  EXPECT_EQ(cut.items, (std::vector<double>{3, 4, 3}));
  EXPECT_EQ(cut.seconds, (std::vector<double>{3, 4, 4.5}));
}

TEST(AutomaticBlockCount, FallsWithCorrelationAndWithFewRequests) {
  EXPECT_EQ(automatic_block_count(simulated_run({3, 4000})), 32U);
  EXPECT_LT(automatic_block_count(simulated_run({3, 4000, 1e-3, 0.2, 0.995})), 32U);
  EXPECT_EQ(automatic_block_count(simulated_run({3, 40})), 10U);
  EXPECT_EQ(automatic_block_count(simulated_run({3, 31})), 0U);
}

/// Root of the mean square of the estimated standard errors of the logarithm of a metric, over runs.
double typical_error(const Metric& metric, double memory) {
  constexpr int kRuns = 30;
  double squares = 0;
  for (int seed = 1; seed <= kRuns; ++seed) {
    const bench::Run run = simulated_run({static_cast<std::uint64_t>(seed), 4000, 1e-3, 0.2, memory});
    const double error = log_errors(cut_evenly(run, 32), {metric}).front()->standard_error;
    squares += error * error;
  }
  return std::sqrt(squares / kRuns);
}

// Of n independent log-normal times with spread s: the median's logarithm has the standard error s sqrt(pi / 2n), the
// 90th percentile's s sqrt(0.09 / n) / phi(1.2816), the mean's sqrt((exp(s^2) - 1) / n). Correlation r multiplies that
// of the mean of logarithms by sqrt((1 + r) / (1 - r)).
TEST(LogErrors, AreThoseOfTheTheory) {
  const double root = std::sqrt(4000.0);
  const double of_mean = std::sqrt(std::exp(0.04) - 1) / root;
  EXPECT_NEAR(typical_error(metric_named("p50"), 0) / (0.2 * std::sqrt(std::acos(-1.0) / 2) / root), 1, 0.1);
  EXPECT_NEAR(typical_error(metric_named("p90"), 0) / (0.2 * 0.3 / 0.17550 / root), 1, 0.1);
  EXPECT_NEAR(typical_error(metric_named("mean"), 0) / of_mean, 1, 0.1);
  EXPECT_NEAR(typical_error(metric_named("rate"), 0) / of_mean, 1, 0.1);
  EXPECT_NEAR(typical_error(metric_named("mean"), 0.8) / (3 * of_mean), 1, 0.1);
}

TEST(ErrorOfRatio, IsThatOfWelchAndSatterthwaite) {
  const LogError equal = error_of_ratio({3, 10}, {3, 10});
  EXPECT_DOUBLE_EQ(equal.standard_error, 3 * std::sqrt(2.0));
  EXPECT_DOUBLE_EQ(equal.degrees, 20);
  const LogError one = error_of_ratio({4, 7}, {0, 31});
  EXPECT_DOUBLE_EQ(one.standard_error, 4);
  EXPECT_DOUBLE_EQ(one.degrees, 7);
}

}  // namespace
}  // namespace vivace::bench
