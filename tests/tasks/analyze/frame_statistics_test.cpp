#include "tasks/analyze/frame_statistics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/signals.hpp"

namespace vivace::analyze {
namespace {

TEST(FrameStatistics, AreThoseOfTheDefinition) {
  FrameStatistics statistics;
  for (const float value : {4.0F, 1.0F, 3.0F, 2.0F}) statistics.add(value);
  EXPECT_EQ(statistics.mean(), 2.5);
  EXPECT_DOUBLE_EQ(statistics.deviation(), std::sqrt(1.25));
  EXPECT_EQ(statistics.median(), 2.5);
  statistics.add(10);
  EXPECT_EQ(statistics.median(), 3);
}

TEST(FrameStatistics, KeepTheMedianOfVeryManyFramesNearly) {
  std::vector<float> values = test::scrambled(500'000);
  FrameStatistics statistics;
  for (const float value : values) statistics.add(value);
  std::nth_element(values.begin(), values.begin() + 250'000, values.end());
  EXPECT_NEAR(statistics.median(), values[250'000], 0.005);
}

}  // namespace
}  // namespace vivace::analyze
