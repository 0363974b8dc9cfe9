#include "bench/percentile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace vivace::bench {
namespace {

std::vector<double> one_to(std::size_t count) {
  std::vector<double> values(count);
  std::iota(values.begin(), values.end(), 1.0);
  return values;
}

TEST(Percentile, NearestRankOfOneToHundredIsTheShare) {
  const std::vector<double> values = one_to(100);
  for (const double share : {0.01, 0.29, 0.5, 0.9, 0.95, 0.99, 1.0}) {
    EXPECT_EQ(nearest_rank(values, share), std::round(100 * share)) << share;
  }
  EXPECT_EQ(nearest_rank(values, 0.501), 51);
  EXPECT_EQ(nearest_rank(one_to(1), 0.5), 1);
}

struct Quantile {
  std::uint64_t trials;
  double chance;
  double probability;
  std::uint64_t truth;
};

class BinomialQuantile : public ::testing::TestWithParam<Quantile> {};

TEST_P(BinomialQuantile, IsThatOfExactSums) {
  const Quantile& quantile = GetParam();
  EXPECT_EQ(binomial_quantile(quantile.trials, quantile.chance, quantile.probability), quantile.truth);
}

// Computed with fractions of whole numbers from the definition.
INSTANTIATE_TEST_SUITE_P(Exact, BinomialQuantile,
                         ::testing::Values(Quantile{10, 0.5, 0.05, 2}, Quantile{10, 0.5, 0.5, 5},
                                           Quantile{100, 0.9, 0.025, 84}, Quantile{100, 0.9, 0.975, 95},
                                           Quantile{1000, 0.99, 0.025, 983}, Quantile{1000, 0.99, 0.975, 996},
                                           Quantile{3000, 0.5, 0.025, 1446}, Quantile{3000, 0.5, 0.975, 1554}));

TEST(BinomialQuantile, HoldsForMillions) {
  const double deviation = std::sqrt(4e6 * 0.5 * 0.5);
  EXPECT_NEAR(static_cast<double>(binomial_quantile(4'000'000, 0.5, 0.975)), 2e6 + 1.959964 * deviation, 2);
}

struct Reach {
  double share;
  std::size_t values;
};

// Ten of so many are above.
TEST(Percentile, IsToldFromTenValuesAboveItOn) {
  for (const Reach& reach : {Reach{0.5, 20}, {0.9, 100}, {0.95, 200}, {0.99, 1000}, {0.999, 10'000}}) {
    EXPECT_EQ(values_to_reach(reach.share), reach.values);
    EXPECT_FALSE(percentile(one_to(static_cast<int>(reach.values) - 1), reach.share)) << reach.share;
    EXPECT_TRUE(percentile(one_to(static_cast<int>(reach.values)), reach.share)) << reach.share;
  }
  EXPECT_FALSE(percentile({}, 0.5));
}

TEST(Percentile, IntervalHasTheRanksOfTheBinomial) {
  const auto estimate = percentile(one_to(100), 0.9);
  ASSERT_TRUE(estimate);
  EXPECT_EQ(estimate->value, 90);
  EXPECT_EQ(estimate->low, 84);
  EXPECT_EQ(estimate->high, 96);
}

/// How often the interval of a sample of exponential times holds the true percentile.
double coverage(std::size_t size, double share, int trials) {
  std::mt19937_64 random(1);
  const double truth = -std::log1p(-share);
  int held = 0;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<double> times(size);
    for (double& time : times) time = -std::log1p(-static_cast<double>(random() >> 11) * 0x1p-53);
    std::sort(times.begin(), times.end());
    const auto estimate = percentile(times, share);
    if (estimate && estimate->low <= truth && truth <= estimate->high) ++held;
  }
  return static_cast<double>(held) / trials;
}

// The ranks are whole, so that intervals hold the truth a little more often than stated; four standard deviations
// below.
TEST(Percentile, IntervalsHoldTheTruthAsOftenAsStated) {
  constexpr int kTrials = 2000;
  const double deviation = std::sqrt(kConfidence * (1 - kConfidence) / kTrials);
  for (const double share : {0.5, 0.9, 0.99}) {
    const double held = coverage(share == 0.99 ? 1000 : 500, share, kTrials);
    EXPECT_GE(held, kConfidence - 4 * deviation) << share;
    EXPECT_LE(held, 0.99) << share;
  }
}

}  // namespace
}  // namespace vivace::bench
