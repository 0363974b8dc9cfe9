#include "dsp/k_weighting.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

namespace vivace::dsp {
namespace {

void expect_near(const Biquad& filter, const Biquad& expected) {
  EXPECT_NEAR(filter.b0, expected.b0, 1e-13);
  EXPECT_NEAR(filter.b1, expected.b1, 1e-13);
  EXPECT_NEAR(filter.b2, expected.b2, 1e-13);
  EXPECT_NEAR(filter.a1, expected.a1, 1e-13);
  EXPECT_NEAR(filter.a2, expected.a2, 1e-13);
}

std::complex<double> response(const Biquad& f, double frequency, int sample_rate) {
  const std::complex<double> delay = std::polar(1.0, -2 * std::numbers::pi * frequency / sample_rate);
  return (f.b0 + f.b1 * delay + f.b2 * delay * delay) / (1.0 + f.a1 * delay + f.a2 * delay * delay);
}

double decibels_at(double frequency, int sample_rate) {
  const KWeighting filters = k_weighting(sample_rate);
  return 20 * std::log10(std::abs(response(filters.shelf, frequency, sample_rate) *
                                  response(filters.high_pass, frequency, sample_rate)));
}

// ITU-R BS.1770-4, tables 1 and 2.
TEST(KWeighting, IsThatOfTheStandardAt48Kilohertz) {
  const KWeighting filters = k_weighting(48000);
  expect_near(filters.shelf,
              {1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585});
  expect_near(filters.high_pass, {1, -2, 1, -1.99004745483398, 0.99007225036621});
}

TEST(KWeighting, WeighsTheSameAtOtherRates) {
  for (const int rate : {44100, 88200, 96000, 192'000}) {
    for (const double frequency : {50.0, 200.0, 1000.0, 3000.0}) {
      EXPECT_NEAR(decibels_at(frequency, rate), decibels_at(frequency, 48000), 0.05) << frequency << " Hz at " << rate;
    }
  }
}

}  // namespace
}  // namespace vivace::dsp
