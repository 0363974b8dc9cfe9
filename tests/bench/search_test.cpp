#include "bench/search.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace vivace::bench {
namespace {

TEST(MostPassing, FindsEveryStepInFewTrials) {
  for (std::size_t truth = 0; truth <= 200; ++truth) {
    int trials = 0;
    const auto passes = [&](std::size_t count) {
      ++trials;
      return count <= truth;
    };
    EXPECT_EQ(most_passing(passes, 1000), truth);
    EXPECT_LE(trials, 2 * std::log2(static_cast<double>(truth) + 1) + 2) << truth;
  }
}

TEST(MostPassing, TriesNoMoreThanAllowed) {
  const auto passes = [](std::size_t count) {
    EXPECT_LE(count, 100U);
    return true;
  };
  EXPECT_EQ(most_passing(passes, 100), 100U);
}

TEST(LargestPassing, FindsAStepFromAboveAndFromBelow) {
  for (const double truth : {0.01, 0.7, 1.0, 3.3, 1000.0}) {
    const double found = largest_passing(1, 0.05, [&](double value) { return value <= truth; });
    EXPECT_LE(found, truth);
    EXPECT_GE(found * 1.05, truth);
  }
}

TEST(LargestPassing, GivesUp) {
  EXPECT_EQ(largest_passing(1, 0.05, [](double) { return false; }), 0);
  EXPECT_EQ(largest_passing(1, 0.05, [](double) { return true; }), std::ldexp(1, 20));
}

}  // namespace
}  // namespace vivace::bench
