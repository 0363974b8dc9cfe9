#include "dsp/half_band.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numbers>

#include "base/vectorised.hpp"
#include "dsp/lanes.hpp"

namespace vivace::dsp {
namespace {

// The filter has kPairs pairs of taps at odd distances from its centre, 1/2 there, and zeros at even distances.
constexpr std::size_t kPairs = 16;
using Pairs = std::array<float, kPairs>;

constexpr double kKaiserBeta = 9;

/// The modified Bessel function of the first kind, order 0.
double bessel(double x) {
  double term = 1;
  double sum = 1;
  for (int k = 1; term > 1e-17 * sum; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

/// A sinc with a Kaiser window, of gain 1 at 0 Hz.
Pairs taps() {
  std::array<double, kPairs> values;
  double sum = 0;
  for (std::size_t i = 0; i < kPairs; ++i) {
    const auto distance = static_cast<double>(2 * i + 1);
    const double place = distance / (2 * kPairs);
    values[i] = std::sin(std::numbers::pi * distance / 2) / (std::numbers::pi * distance) *
                bessel(kKaiserBeta * std::sqrt(1 - place * place));
    sum += 2 * values[i];
  }
  Pairs pairs;
  for (std::size_t i = 0; i < kPairs; ++i) pairs[i] = static_cast<float>(values[i] * 0.5 / sum);
  return pairs;
}

const Pairs kTaps = taps();

/// `odd` starts kPairs before the odd sample behind the first even one; `count` is a multiple of kLanes.
VIVACE_VECTORISED void convolve(const Pairs& pairs, const float* even, const float* odd, std::size_t count,
                                float* dst) {
  for (std::size_t m = 0; m < count; m += kLanes) {
    LaneFloats sum;
    std::memcpy(&sum, even + m, sizeof(sum));
    sum *= 0.5F;
    for (std::size_t i = 0; i < kPairs; ++i) {
      LaneFloats before;
      LaneFloats behind;
      std::memcpy(&before, odd + m + kPairs - 1 - i, sizeof(before));
      std::memcpy(&behind, odd + m + kPairs + i, sizeof(behind));
      sum += pairs[i] * (before + behind);
    }
    std::memcpy(dst + m, &sum, sizeof(sum));
  }
}

}  // namespace

HalfBandDecimator::HalfBandDecimator() { reset(); }

void HalfBandDecimator::reset() {
  even_.clear();
  odd_.assign(kPairs, 0.0F);
  samples_ = 0;
}

void HalfBandDecimator::push(std::span<const float> src, std::vector<float>& dst) {
  split(src);
  // The last of `count` outputs needs kPairs odd samples from the one behind it on.
  const std::size_t odd_behind = odd_.size() - kPairs;
  const std::size_t count = odd_behind < kPairs ? 0 : std::min(even_.size(), odd_behind - kPairs + 1);
  filter(count / kLanes * kLanes, dst);
}

void HalfBandDecimator::split(std::span<const float> src) {
  if (src.empty()) return;
  std::vector<float>& first = samples_ % 2 == 0 ? even_ : odd_;
  std::vector<float>& second = samples_ % 2 == 0 ? odd_ : even_;
  const std::size_t pairs = src.size() / 2;
  const std::size_t first_begin = first.size();
  const std::size_t second_begin = second.size();
  first.resize(first_begin + src.size() - pairs);
  second.resize(second_begin + pairs);
  for (std::size_t i = 0; i < pairs; ++i) {
    first[first_begin + i] = src[2 * i];
    second[second_begin + i] = src[2 * i + 1];
  }
  if (src.size() % 2 == 1) first.back() = src.back();
  samples_ += src.size();
}

void HalfBandDecimator::finish(std::vector<float>& dst) {
  const std::size_t rest = even_.size();
  const std::size_t padded = (rest + kLanes - 1) / kLanes * kLanes;
  even_.resize(padded);
  odd_.resize(padded + 2 * kPairs);
  filter(padded, dst);
  dst.resize(dst.size() - (padded - rest));
  reset();
}

void HalfBandDecimator::filter(std::size_t count, std::vector<float>& dst) {
  const std::size_t begin = dst.size();
  dst.resize(begin + count);
  convolve(kTaps, even_.data(), odd_.data(), count, dst.data() + begin);
  even_.erase(even_.begin(), even_.begin() + static_cast<std::ptrdiff_t>(count));
  odd_.erase(odd_.begin(), odd_.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace vivace::dsp
