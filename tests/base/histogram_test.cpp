#include "base/histogram.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <thread>
#include <vector>

namespace vivace::base {
namespace {

TEST(HistogramCounts, BucketsAreWithinOnePercentOfEveryValue) {
  std::size_t previous = 0;
  for (double value = 1; value < 1e19; value *= 1.003) {
    const auto whole = static_cast<std::uint64_t>(value);
    const std::size_t bucket = HistogramCounts::bucket_of(whole);
    EXPECT_GE(bucket, previous) << whole;
    EXPECT_LE(std::abs(HistogramCounts::middle_of(bucket) - static_cast<double>(whole)),
              0.008 * static_cast<double>(whole))
        << whole;
    previous = bucket;
  }
  EXPECT_EQ(HistogramCounts::bucket_of(std::numeric_limits<std::uint64_t>::max()), HistogramCounts::kBuckets - 1);
}

TEST(HistogramCounts, SmallValuesAreExact) {
  for (std::uint64_t value = 0; value < 128; ++value) {
    EXPECT_EQ(HistogramCounts::middle_of(HistogramCounts::bucket_of(value)), static_cast<double>(value));
  }
}

HistogramCounts counts_of(std::uint64_t first, std::uint64_t last) {
  Histogram histogram;
  for (std::uint64_t value = first; value <= last; ++value) histogram.record(value);
  return histogram.snapshot();
}

TEST(HistogramCounts, QuantilesOfOneToTenThousandAreTheirShares) {
  const HistogramCounts counts = counts_of(1, 10'000);
  EXPECT_EQ(counts.count(), 10'000U);
  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    EXPECT_NEAR(counts.quantile(share), 10'000 * share, 100 * share + 1) << share;
  }
  EXPECT_NEAR(counts.mean(), 5000.5, 50);
}

TEST(HistogramCounts, WithoutValuesIsZero) {
  EXPECT_EQ(HistogramCounts().quantile(0.5), 0);
  EXPECT_EQ(HistogramCounts().mean(), 0);
}

TEST(HistogramCounts, MergedPartsAreTheWhole) {
  HistogramCounts merged = counts_of(1, 3000);
  merged.merge(counts_of(3001, 9000));
  const HistogramCounts whole = counts_of(1, 9000);
  EXPECT_EQ(merged.count(), whole.count());
  EXPECT_EQ(merged.mean(), whole.mean());
  for (const double share : {0.1, 0.5, 0.99}) EXPECT_EQ(merged.quantile(share), whole.quantile(share));
}

TEST(Histogram, LosesNothingOfManyThreads) {
  Histogram histogram;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (std::uint64_t value = 0; value < 10'000; ++value) histogram.record(value);
    });
  }
  threads.clear();
  EXPECT_EQ(histogram.snapshot().count(), 40'000U);
}

}  // namespace
}  // namespace vivace::base
