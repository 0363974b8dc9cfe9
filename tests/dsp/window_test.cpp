#include "dsp/window.hpp"

#include <gtest/gtest.h>

#include "support/errors.hpp"

namespace vivace::dsp {
namespace {

TEST(HannWindow, SymmetricEndsOnItsFirstValue) {
  const auto window = hann_window(5, WindowEnds::symmetric);
  const std::vector<float> expected{0, 0.5F, 1, 0.5F, 0};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(window[i], expected[i], 1e-7) << i;
}

TEST(HannWindow, PeriodicTilesToOneAtHalfOverlap) {
  const auto window = hann_window(8, WindowEnds::periodic);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(window[i] + window[i + 4], 1, 1e-7) << i;
}

TEST(HannWindow, OneSampleIsOneAndNoneIsRefused) {
  EXPECT_EQ(hann_window(1, WindowEnds::symmetric), std::vector<float>{1.0F});
  test::expect_error(ErrorCode::invalid_argument, [] { hann_window(0, WindowEnds::periodic); });
}

}  // namespace
}  // namespace vivace::dsp
