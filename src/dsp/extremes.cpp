#include "dsp/extremes.hpp"

#include "base/vectorised.hpp"

namespace vivace::dsp {
namespace {

// Halves a range of 2^27 values, that of floats 16 octaves apart, down to 2^10 of them.
constexpr int kHalvings = 17;

struct Range {
  LaneIntegers least;
  LaneIntegers greatest;
};

/// Non-negative floats are ordered as the integers that have their bits.
VIVACE_VECTORISED void find_range(std::span<const Lanes> values, Range& range) {
  LaneFloats least = values.front().values;
  LaneFloats greatest = values.front().values;
  for (const auto& [value] : values) {
    least = value < least ? value : least;
    greatest = value > greatest ? value : greatest;
  }
  range = {reinterpret_cast<LaneIntegers>(least), reinterpret_cast<LaneIntegers>(greatest)};
}

Extremes single_extremes(const Range& range) {
  return {values_of(reinterpret_cast<LaneFloats>(range.least)),
          values_of(reinterpret_cast<LaneFloats>(range.greatest))};
}

}  // namespace

VIVACE_VECTORISED Extremes mean_extremes(std::span<const Lanes> values, std::size_t count) {
  Range range;
  find_range(values, range);
  if (count == 1) return single_extremes(range);
  const auto wanted = static_cast<std::int32_t>(count);
  // Fewer than `count` values are at most `low_out`, or at least `high_out`; `low_in` and `high_in` have enough.
  LaneIntegers low_out = range.least - 1;
  LaneIntegers low_in = range.greatest;
  LaneIntegers high_out = range.greatest + 1;
  LaneIntegers high_in = range.least;
  for (int i = 0; i < kHalvings; ++i) {
    const LaneIntegers low = low_out + ((low_in - low_out) >> 1);
    const LaneIntegers high = high_out - ((high_out - high_in) >> 1);
    LaneIntegers low_count{};
    LaneIntegers high_count{};
    for (const auto& [value] : values) {
      const auto bits = reinterpret_cast<LaneIntegers>(value);
      low_count -= bits <= low;
      high_count -= bits >= high;
    }
    const LaneIntegers low_enough = low_count >= wanted;
    const LaneIntegers high_enough = high_count >= wanted;
    low_in = low_enough ? low : low_in;
    low_out = low_enough ? low_out : low;
    high_in = high_enough ? high : high_in;
    high_out = high_enough ? high_out : high;
  }
  LaneFloats low_sum{};
  LaneFloats high_sum{};
  LaneIntegers low_rest = wanted - LaneIntegers{};
  LaneIntegers high_rest = wanted - LaneIntegers{};
  for (const auto& [value] : values) {
    const auto bits = reinterpret_cast<LaneIntegers>(value);
    low_sum += bits <= low_out ? value : 0.0F;
    high_sum += bits >= high_out ? value : 0.0F;
    low_rest += bits <= low_out;
    high_rest += bits >= high_out;
  }
  low_sum += __builtin_convertvector(low_rest, LaneFloats) * reinterpret_cast<LaneFloats>(low_in);
  high_sum += __builtin_convertvector(high_rest, LaneFloats) * reinterpret_cast<LaneFloats>(high_in);
  const auto divisor = static_cast<float>(count);
  return {values_of(low_sum / divisor), values_of(high_sum / divisor)};
}

}  // namespace vivace::dsp
