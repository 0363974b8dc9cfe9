#include "dsp/magnitude.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support/signals.hpp"

namespace vivace::dsp {
namespace {

TEST(LargestMagnitude, IsFoundWhereverItLies) {
  for (std::size_t at = 0; at < 70; ++at) {
    std::vector<float> samples(70, 0.25F);
    samples[at] = -0.5F;
    EXPECT_EQ(largest_magnitude(samples), 0.5F) << at;
  }
  EXPECT_EQ(largest_magnitude({}), 0.0F);
  EXPECT_EQ(largest_magnitude(std::vector<float>{-0.0F}), 0.0F);
}

TEST(SumOfSquares, IsThatOfEachSample) {
  for (const std::size_t size : {0, 1, 31, 32, 100}) {
    const std::vector<float> samples = test::scrambled(size);
    double expected = 0;
    for (const float sample : samples) expected += static_cast<double>(sample) * sample;
    EXPECT_NEAR(sum_of_squares(samples), expected, 1e-12) << size;
  }
}

}  // namespace
}  // namespace vivace::dsp
