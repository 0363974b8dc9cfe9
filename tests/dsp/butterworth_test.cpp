#include "dsp/butterworth.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

namespace vivace::dsp {
namespace {

double decibels_at(const BandPass& filter, double frequency, int sample_rate) {
  const std::complex<double> delay = std::polar(1.0, -2 * std::numbers::pi * frequency / sample_rate);
  std::complex<double> response = filter.gain;
  for (const auto& [a1, a2] : filter.sections) {
    response *= (1.0 - delay * delay) / (1.0 + a1 * delay + a2 * delay * delay);
  }
  return 20 * std::log10(std::abs(response));
}

struct Case {
  double low, high;
  int sample_rate;
  double gain;
  double below, middle, above;  // dB at low/2, at sqrt(low high), half-way from high to half the sample rate
};

class ButterworthBandPass : public testing::TestWithParam<Case> {};

TEST_P(ButterworthBandPass, IsThatOfScipy) {
  const auto& [low, high, rate, gain, below, middle, above] = GetParam();
  const BandPass filter = butterworth_band_pass(5, low, high, rate);
  ASSERT_EQ(filter.sections.size(), 5U);
  EXPECT_NEAR(filter.gain / gain, 1, 1e-8);
  EXPECT_NEAR(decibels_at(filter, low / 2, rate), below, 1e-6);
  EXPECT_NEAR(decibels_at(filter, low, rate), -3.01029996, 1e-6);
  EXPECT_NEAR(decibels_at(filter, std::sqrt(low * high), rate), middle, 1e-6);
  EXPECT_NEAR(decibels_at(filter, high, rate), -3.01029996, 1e-6);
  EXPECT_NEAR(decibels_at(filter, (high + 0.5 * rate) / 2, rate), above, 1e-5);
  for (const auto& [a1, a2] : filter.sections) EXPECT_LT(std::abs(a2), 1);
}

// scipy 1.17.1: butter(5, [low, high], "bandpass", fs=rate, output="zpk")[2] and sosfreqz.
INSTANTIATE_TEST_SUITE_P(Published, ButterworthBandPass,
                         testing::Values(Case{20, 120, 44100, 1.7930038424854683e-11, -36.1736948, 0, -215.098351},
                                         Case{2500, 22000, 44100, 0.5532786803047106, -30.4754836, -3.17981164e-05,
                                              -30.1282480},
                                         Case{600, 2500, 8000, 0.04315775779730234, -36.5830725, 0, -40.4291125}));

}  // namespace
}  // namespace vivace::dsp
