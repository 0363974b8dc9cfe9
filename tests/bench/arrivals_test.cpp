#include "bench/arrivals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace vivace::bench {
namespace {

constexpr std::size_t kMany = 10'000'000;

TEST(PoissonArrivals, CountsHaveTheMeanAndVarianceOfPoisson) {
  constexpr double kRate = 7;
  constexpr std::size_t kSeconds = 20'000;
  std::vector<double> counts(kSeconds);
  for (const Arrival& arrival : poisson_arrivals(kRate, kSeconds, 3, kMany))
    ++counts[static_cast<std::size_t>(arrival.time_s)];
  double sum = 0;
  double squares = 0;
  for (const double count : counts) {
    sum += count;
    squares += count * count;
  }
  const double mean = sum / kSeconds;
  const double variance = squares / kSeconds - mean * mean;
  EXPECT_NEAR(mean, kRate, 4 * std::sqrt(kRate / kSeconds));
  // The index of dispersion of Poisson counts is 1 with a variance of 2 / n.
  EXPECT_NEAR(variance / mean, 1, 4 * std::sqrt(2.0 / kSeconds));
}

TEST(PoissonArrivals, GapsAreExponential) {
  constexpr double kRate = 50;
  const std::vector<Arrival> arrivals = poisson_arrivals(kRate, 400, 11, kMany);
  std::vector<double> gaps{arrivals.front().time_s};
  for (std::size_t i = 1; i < arrivals.size(); ++i) gaps.push_back(arrivals[i].time_s - arrivals[i - 1].time_s);
  std::sort(gaps.begin(), gaps.end());
  const auto size = static_cast<double>(gaps.size());
  double distance = 0;
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    distance = std::max(distance, std::abs(-std::expm1(-kRate * gaps[i]) - static_cast<double>(i) / size));
  }
  EXPECT_LT(distance, 1.95 / std::sqrt(size));  // Kolmogorov and Smirnov, exceeded by chance once in 1000
}

TEST(PoissonArrivals, DependOnTheSeedAlone) {
  const auto first = poisson_arrivals(10, 5, 1, kMany);
  const auto again = poisson_arrivals(10, 5, 1, kMany);
  ASSERT_EQ(first.size(), again.size());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].time_s, again[i].time_s);
  EXPECT_NE(poisson_arrivals(10, 5, 2, kMany).front().time_s, first.front().time_s);
}

TEST(ConstantArrivals, AreEvenlySpacedFromZero) {
  const auto arrivals = constant_arrivals(4, 2, kMany);
  ASSERT_EQ(arrivals.size(), 8U);
  for (std::size_t i = 0; i < arrivals.size(); ++i) EXPECT_EQ(arrivals[i].time_s, static_cast<double>(i) / 4);
}

TEST(FrameArrivals, StreamsTakeTurnsAndKeepTheirRate) {
  const auto arrivals = frame_arrivals(3, 25, 2, kMany);
  ASSERT_EQ(arrivals.size(), 150U);
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    EXPECT_EQ(arrivals[i].stream, i % 3);
    EXPECT_NEAR(arrivals[i].time_s, static_cast<double>(i / 3) * 0.04 + static_cast<double>(i % 3) * 0.04 / 3, 1e-12);
  }
}

TEST(Arrivals, AreNoMoreThanAllowed) {
  EXPECT_EQ(poisson_arrivals(1000, 10, 1, 5).size(), 5U);
  EXPECT_EQ(constant_arrivals(1000, 10, 5).size(), 5U);
  EXPECT_EQ(arrivals_at_once(5).back().time_s, 0);
}

}  // namespace
}  // namespace vivace::bench
