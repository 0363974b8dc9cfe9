#include "dsp/magnitude.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "base/vectorised.hpp"

namespace vivace::dsp {
namespace {

constexpr std::size_t kLanes = 32;

}  // namespace

// Magnitudes of floats are ordered as their bits are, and a maximum of integers may be taken in any order.
VIVACE_VECTORISED float largest_magnitude(std::span<const float> samples) {
  std::int32_t largest = 0;
  for (const float sample : samples) largest = std::max(largest, std::bit_cast<std::int32_t>(sample) & 0x7fffffff);
  return std::bit_cast<float>(largest);
}

VIVACE_VECTORISED double sum_of_squares(std::span<const float> samples) {
  std::array<double, kLanes> sums{};
  const std::size_t whole = samples.size() / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double sample = samples[i + lane];
      sums[lane] += sample * sample;
    }
  }
  for (const float sample : samples.subspan(whole)) sums[0] += static_cast<double>(sample) * sample;
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

}  // namespace vivace::dsp
