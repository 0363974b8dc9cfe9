#include "dsp/hann_frames.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "support/signals.hpp"

namespace vivace::dsp {
namespace {

constexpr std::size_t kSize = 4096;
constexpr float kScale = 1.0F / 64;  // "normalized", as HTDemucs has it

std::vector<float> magnitudes(const std::vector<float>& frame) {
  HannFrames frames(frame.size());
  std::vector<float> values;
  for (const std::complex<float> bin : frames.forward(frame)) values.push_back(kScale * std::abs(bin));
  return values;
}

TEST(HannFrames, ConstantHasThreeLobes) {
  HannFrames frames(kSize);
  const auto bins = frames.forward(std::vector<float>(kSize, 1.0F));
  EXPECT_NEAR(kScale * bins[0].real(), 32, 1e-4);
  EXPECT_NEAR(kScale * bins[1].real(), -16, 1e-4);
  for (std::size_t k = 2; k < bins.size(); ++k) EXPECT_NEAR(kScale * std::abs(bins[k]), 0, 1e-4) << k;
}

TEST(HannFrames, CosineAtABinHasItsLobes) {
  std::vector<float> frame(kSize);
  for (std::size_t i = 0; i < kSize; ++i) {
    frame[i] = static_cast<float>(std::cos(2 * std::numbers::pi * 100 * static_cast<double>(i) / kSize));
  }
  const std::vector<float> values = magnitudes(frame);
  for (std::size_t k = 0; k < values.size(); ++k) {
    EXPECT_NEAR(values[k], k == 100 ? 16 : k == 99 || k == 101 ? 8 : 0, 1e-4) << k;
  }
}

TEST(HannFrames, ImpulseAtTheCentreIsFlat) {
  std::vector<float> frame(kSize);
  frame[kSize / 2] = 1;
  for (const float value : magnitudes(frame)) EXPECT_NEAR(value, 1.0 / 64, 1e-7);
}

class HannFramesOfSize : public testing::TestWithParam<std::pair<std::size_t, std::size_t>> {};

TEST_P(HannFramesOfSize, OverlapToTheSignal) {
  const auto [size, hop] = GetParam();
  const std::size_t count = 20;
  const std::vector<float> signal = test::scrambled((count - 1) * hop + size);
  std::vector<float> sum(signal.size());
  HannFrames frames(size);
  for (std::size_t i = 0; i < count; ++i) {
    std::ranges::copy(frames.forward(std::span(signal).subspan(i * hop, size)), frames.spectrum().begin());
    frames.add_inverse(1, std::span(sum).subspan(i * hop));
  }
  const std::vector<float> squares = hann_square_sum(size, hop, count);
  for (std::size_t i = size; i + size < signal.size(); ++i) EXPECT_NEAR(sum[i] / squares[i], signal[i], 2e-6) << i;
}

INSTANTIATE_TEST_SUITE_P(SizesAndHops, HannFramesOfSize,
                         testing::Values(std::pair{4096, 1024}, std::pair{6144, 1024}, std::pair{7680, 1024},
                                         std::pair{5120, 1024}, std::pair{8, 2}));

TEST(HannSquareSum, IsOneAndAHalfAtAQuarter) {
  const std::vector<float> sums = hann_square_sum(kSize, kSize / 4, 9);
  for (std::size_t i = kSize; i < sums.size() - kSize; ++i) EXPECT_NEAR(sums[i], 1.5, 1e-6);
}

TEST(HannFrames, AddOnlyWhatThereIsRoomFor) {
  HannFrames frames(16);
  std::ranges::fill(frames.spectrum(), std::complex<float>());
  frames.spectrum().front() = 16;  // the frame is 1 all over
  std::vector<float> room(6, 7.0F);
  frames.add_inverse(1, std::span(room).first(5));
  EXPECT_NEAR(room[4], 7.5, 1e-6);
  EXPECT_EQ(room[5], 7.0F);
}

}  // namespace
}  // namespace vivace::dsp
