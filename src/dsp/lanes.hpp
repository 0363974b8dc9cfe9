#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace vivace::dsp {

/// How many frames are computed with at once: one register of AVX-512, two of AVX2, four of SSE.
inline constexpr std::size_t kLanes = 16;

using LaneFloats = float __attribute__((vector_size(kLanes * sizeof(float))));
using LaneIntegers = std::int32_t __attribute__((vector_size(kLanes * sizeof(std::int32_t))));

/// One value of each of kLanes frames. A spectrum of Lanes is kLanes spectra side by side, so that sums over bins need
/// no sums across a register, and a frame's results do not depend on the frames beside it.
struct alignas(kLanes * sizeof(float)) Lanes {
  LaneFloats values;
};
/// The same outside of hot loops.
using LaneValues = std::array<float, kLanes>;

inline LaneValues values_of(const LaneFloats& lanes) {
  LaneValues values;
  for (std::size_t lane = 0; lane < kLanes; ++lane) values[lane] = lanes[lane];
  return values;
}

/// Lays up to kLanes frames of dst.size() values, [frames, dst.size()] row-major, side by side: dst[i] holds value i of
/// each. Lanes without a frame hold zeros.
void interleave(std::span<const float> frames, std::span<Lanes> dst);

/// Replaces powers by 10 log10(max(floor, power)), to within 1e-5 dB. 0 < floor, a normal number.
void to_decibels(std::span<Lanes> powers, float floor);

}  // namespace vivace::dsp
