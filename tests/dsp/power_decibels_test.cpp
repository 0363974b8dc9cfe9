#include "dsp/power_decibels.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace vivace::dsp {
namespace {

TEST(PowerDecibels, AreTenLogarithmsOfThePower) {
  std::vector<float> powers;
  for (float power = 1e-10F; power < 1e30F; power *= 1.0137F) powers.push_back(power);
  std::vector<float> decibels = powers;
  to_decibels(decibels);
  for (std::size_t i = 0; i < powers.size(); ++i) {
    const double expected = 10 * std::log10(static_cast<double>(powers[i]));
    const double resolved = std::max(2e-5, std::numeric_limits<float>::epsilon() * std::abs(expected));
    EXPECT_NEAR(decibels[i], expected, resolved) << powers[i];
  }
}

TEST(PowerDecibels, OfNextToNothingAreMinusHundred) {
  std::vector<float> powers = {0, -0.0F, 1e-30F, std::numeric_limits<float>::denorm_min(), 1e-10F};
  to_decibels(powers);
  for (const float value : powers) EXPECT_NEAR(value, -100, 1e-4);
}

}  // namespace
}  // namespace vivace::dsp
