#include "dsp/true_peak.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/vectorised.hpp"
#include "dsp/magnitude.hpp"

namespace vivace::dsp {
namespace {

constexpr std::size_t kTaps = 24;
constexpr double kKaiser = 5;
constexpr std::size_t kStretch = 64;  // samples, looked at or passed over together

std::size_t phases_at(int sample_rate) {
  if (sample_rate >= 192'000) return 0;
  return sample_rate >= 96'000 ? 1 : 3;
}

/// Modified Bessel function of the first kind, order 0. (std::cyl_bessel_i is not in every standard library.)
double bessel(double x) {
  double sum = 1;
  double term = 1;
  for (int k = 1; term > 1e-17 * sum; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

double sinc(double x) { return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x); }

double kaiser(double x) { return bessel(kKaiser * std::sqrt(std::max(0.0, 1 - x * x))) / bessel(kKaiser); }

/// Weights of kTaps samples for the value `fraction` of a sample behind the first of the middle two; their sum is 1.
std::vector<float> interpolator(double fraction) {
  constexpr double kHalf = kTaps / 2.0;
  std::vector<double> weights(kTaps);
  double sum = 0;
  for (std::size_t k = 0; k < kTaps; ++k) {
    const double distance = static_cast<double>(k) - (kHalf - 1) - fraction;
    weights[k] = sinc(distance) * kaiser(distance / kHalf);
    sum += weights[k];
  }
  std::vector<float> taps(kTaps);
  std::transform(weights.begin(), weights.end(), taps.begin(),
                 [&](double weight) { return static_cast<float>(weight / sum); });
  return taps;
}

float sum_of_magnitudes(std::span<const float> values) {
  float sum = 0;
  for (const float value : values) sum += std::abs(value);
  return sum;
}

/// The largest magnitude of kStretch filtered samples; reads kStretch + kTaps - 1 samples.
VIVACE_VECTORISED float largest_filtered(const float* samples, const float* taps) {
  std::array<float, kStretch> values{};
  for (std::size_t k = 0; k < kTaps; k += 4) {
    const float* x = samples + k;
    const float* t = taps + k;
    for (std::size_t i = 0; i < kStretch; ++i) {
      values[i] += (t[0] * x[i] + t[1] * x[i + 1]) + (t[2] * x[i + 2] + t[3] * x[i + 3]);
    }
  }
  return largest_magnitude(values);
}

}  // namespace

TruePeak::TruePeak(int sample_rate) : phases_(phases_at(sample_rate)), pending_(kTaps - 1) {
  for (std::size_t phase = 1; phase <= phases_; ++phase) {
    const std::vector<float> taps = interpolator(static_cast<double>(phase) / static_cast<double>(phases_ + 1));
    gain_ = std::max(gain_, 1.00001F * sum_of_magnitudes(taps));
    taps_.insert(taps_.end(), taps.begin(), taps.end());
  }
}

void TruePeak::push(std::span<const float> samples) {
  peak_ = std::max(peak_, largest_magnitude(samples));
  if (phases_ == 0) return;
  pending_.insert(pending_.end(), samples.begin(), samples.end());
  measure();
}

float TruePeak::finish() {
  if (phases_ > 0) {
    pending_.insert(pending_.end(), kTaps - 1 + kStretch, 0.0F);
    measure();
  }
  return peak_;
}

/// Looks at whole stretches, but passes over those that are too quiet to hold a larger peak.
void TruePeak::measure() {
  const std::span<const float> samples = pending_;
  std::size_t begin = 0;
  for (; begin + kStretch + kTaps - 1 <= samples.size(); begin += kStretch) {
    if (gain_ * largest_magnitude(samples.subspan(begin, kStretch + kTaps - 1)) <= peak_) continue;
    for (std::size_t phase = 0; phase < phases_; ++phase) {
      peak_ = std::max(peak_, largest_filtered(samples.data() + begin, taps_.data() + phase * kTaps));
    }
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(begin));
}

}  // namespace vivace::dsp
