#include "dsp/power_decibels.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/vectorised.hpp"

namespace vivace::dsp {
namespace {

constexpr std::size_t kBlock = 128;
constexpr float kLowestPower = 1e-10F;
constexpr std::int32_t kRootOfHalf = 0x3f3504f3;  // bits of sqrt(0.5)
constexpr float kDecibelsPerOctave = 3.01029996F;
constexpr float kTwiceDecibelsPerE = 8.68588964F;  // 2 * 10 / ln 10

// x = 2^octaves m with m in sqrt(0.5) … sqrt(2), and ln m = 2 atanh(t) with t = (m - 1) / (m + 1).
VIVACE_VECTORISED void replace(float* values, std::size_t count) {
  std::array<std::int32_t, kBlock> bits;
  std::array<float, kBlock> octaves;
  std::array<float, kBlock> mantissas;
  for (std::size_t i = 0; i < count; ++i) values[i] = values[i] > kLowestPower ? values[i] : kLowestPower;
  std::memcpy(bits.data(), values, count * sizeof(float));
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t exponent = (bits[i] - kRootOfHalf) >> 23;
    octaves[i] = static_cast<float>(exponent);
    bits[i] -= exponent << 23;
  }
  std::memcpy(mantissas.data(), bits.data(), count * sizeof(float));
  for (std::size_t i = 0; i < count; ++i) {
    const float t = (mantissas[i] - 1) / (mantissas[i] + 1);
    const float square = t * t;
    const float series = 1 + square * (1.0F / 3 + square * (1.0F / 5 + square * (1.0F / 7 + square * (1.0F / 9))));
    values[i] = octaves[i] * kDecibelsPerOctave + kTwiceDecibelsPerE * t * series;
  }
}

}  // namespace

void to_decibels(std::span<float> powers) {
  for (std::size_t begin = 0; begin < powers.size(); begin += kBlock) {
    replace(powers.data() + begin, std::min(kBlock, powers.size() - begin));
  }
}

}  // namespace vivace::dsp
