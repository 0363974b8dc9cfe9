#include "dsp/k_weighting.hpp"

#include <cmath>
#include <numbers>

namespace vivace::dsp {
namespace {

// The analogue filters behind the tables of BS.1770-4: corner in Hz, quality, and what the shelf adds.
constexpr double kShelfCorner = 1681.974450955533;
constexpr double kShelfQuality = 0.7071752369554196;
constexpr double kShelfDecibels = 3.999843853973347;
constexpr double kShelfExponent = 0.4996667741545416;
constexpr double kHighPassCorner = 38.13547087602444;
constexpr double kHighPassQuality = 0.5003270373238773;

double warped(double corner, int sample_rate) { return std::tan(std::numbers::pi * corner / sample_rate); }

Biquad shelf(int sample_rate) {
  const double k = warped(kShelfCorner, sample_rate);
  const double high = std::pow(10.0, kShelfDecibels / 20);
  const double band = std::pow(high, kShelfExponent);
  const double a0 = 1 + k / kShelfQuality + k * k;
  return {(high + band * k / kShelfQuality + k * k) / a0, 2 * (k * k - high) / a0,
          (high - band * k / kShelfQuality + k * k) / a0, 2 * (k * k - 1) / a0, (1 - k / kShelfQuality + k * k) / a0};
}

Biquad high_pass(int sample_rate) {
  const double k = warped(kHighPassCorner, sample_rate);
  const double a0 = 1 + k / kHighPassQuality + k * k;
  return {1, -2, 1, 2 * (k * k - 1) / a0, (1 - k / kHighPassQuality + k * k) / a0};
}

}  // namespace

KWeighting k_weighting(int sample_rate) { return {shelf(sample_rate), high_pass(sample_rate)}; }

}  // namespace vivace::dsp
