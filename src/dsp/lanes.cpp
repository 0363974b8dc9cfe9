#include "dsp/lanes.hpp"

#include <algorithm>

#include "base/vectorised.hpp"

namespace vivace::dsp {
namespace {

constexpr std::int32_t kMantissaBits = 23;
constexpr std::int32_t kSquareRootOfHalf = 0x3F3504F3;  // as a float's bits
constexpr float kDecibelsPerOctave = 3.01029995664F;
constexpr float kDecibelsPerNeper = 4.34294481903F;

}  // namespace

void interleave(std::span<const float> frames, std::span<Lanes> dst) {
  const std::size_t length = dst.size();
  const std::size_t count = frames.size() / length;
  auto* lanes = reinterpret_cast<float*>(dst.data());
  if (count < kLanes) std::fill(dst.begin(), dst.end(), Lanes{});
  for (std::size_t i = 0; i < length; ++i) {
    for (std::size_t lane = 0; lane < count; ++lane) lanes[i * kLanes + lane] = frames[lane * length + i];
  }
}

/// x = 2^e m with m in [sqrt 1/2, sqrt 2); ln m = 2 artanh((m - 1) / (m + 1)), a series in odd powers below 0.172.
VIVACE_VECTORISED void to_decibels(std::span<Lanes> powers, float floor) {
  for (auto& [power] : powers) {
    const LaneFloats limited = power > floor ? power : floor;
    const auto bits = reinterpret_cast<LaneIntegers>(limited);
    const LaneIntegers octave = (bits - kSquareRootOfHalf) >> kMantissaBits;
    const auto mantissa = reinterpret_cast<LaneFloats>(bits - (octave << kMantissaBits));
    const LaneFloats t = (mantissa - 1.0F) / (mantissa + 1.0F);
    const LaneFloats square = t * t;
    const LaneFloats series =
        1.0F + square * (1.0F / 3 + square * (1.0F / 5 + square * (1.0F / 7 + square * (1.0F / 9))));
    power = kDecibelsPerOctave * __builtin_convertvector(octave, LaneFloats) + (2 * kDecibelsPerNeper) * t * series;
  }
}

}  // namespace vivace::dsp
