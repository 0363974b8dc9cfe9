#include "dsp/real_fft.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "support/errors.hpp"
#include "support/signals.hpp"

namespace vivace::dsp {
namespace {

class RealFftOfSize : public testing::TestWithParam<std::size_t> {};

/// The definition, in double precision.
std::vector<std::complex<double>> slow_transform(const std::vector<float>& signal) {
  const std::size_t size = signal.size();
  std::vector<std::complex<double>> bins(size / 2 + 1);
  for (std::size_t k = 0; k < bins.size(); ++k) {
    for (std::size_t n = 0; n < size; ++n) {
      const double turn = static_cast<double>(k * n % size) / static_cast<double>(size);
      bins[k] += static_cast<double>(signal[n]) * std::polar(1.0, -2 * std::numbers::pi * turn);
    }
  }
  return bins;
}

TEST_P(RealFftOfSize, EqualsTheDefinition) {
  const std::vector<float> signal = test::scrambled(GetParam());
  RealFft fft(GetParam());
  std::copy(signal.begin(), signal.end(), fft.input().begin());
  const auto bins = fft.forward();
  const auto expected = slow_transform(signal);
  ASSERT_EQ(bins.size(), expected.size());
  for (std::size_t k = 0; k < bins.size(); ++k) {
    EXPECT_NEAR(bins[k].real(), expected[k].real(), 1e-4) << "bin " << k;
    EXPECT_NEAR(bins[k].imag(), expected[k].imag(), 1e-4) << "bin " << k;
  }
}

INSTANTIATE_TEST_SUITE_P(PowersOfTwoAndOthers, RealFftOfSize, testing::Values(2, 4, 8, 16, 32, 400, 480, 512, 1024));

TEST(RealFft, OddAndHugeLengthsAreRefused) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{511}, std::size_t{1} << 21}) {
    SCOPED_TRACE(size);
    test::expect_error(ErrorCode::invalid_argument, [&] { RealFft{size}; });
  }
}

}  // namespace
}  // namespace vivace::dsp
