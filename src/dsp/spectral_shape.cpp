#include "dsp/spectral_shape.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>

#include "base/vectorised.hpp"

namespace vivace::dsp {
namespace {

constexpr float kSmallest = std::numeric_limits<float>::min();
constexpr std::int32_t kMantissaBits = 23;
constexpr std::int32_t kMantissaMask = (1 << kMantissaBits) - 1;
constexpr std::int32_t kExponentOfOne = 127;
// As many mantissas below 2 as a product within the range of floats takes.
constexpr std::size_t kMantissasPerProduct = 64;

/// exp(mean of logarithms) / mean, where the product of `count` values is product 2^octaves.
float flatness_of(float product, std::int32_t octaves, float sum, float least, std::size_t count) {
  if (least < kSmallest) return 0;
  const auto n = static_cast<double>(count);
  const double mean_logarithm = (std::log(static_cast<double>(product)) + octaves * std::numbers::ln2) / n;
  return static_cast<float>(std::exp(mean_logarithm) / (sum / n));
}

}  // namespace

VIVACE_VECTORISED SpectralMoments spectral_moments(std::span<const Lanes> spectrum) {
  LaneFloats sum{};
  LaneFloats weighted{};
  float bin = 0;
  for (const auto& [value] : spectrum) {
    sum += value;
    weighted += bin * value;
    bin += 1;
  }
  const LaneFloats divisor = sum >= kSmallest ? sum : std::numeric_limits<float>::infinity();
  const LaneFloats centroid = weighted / divisor;
  LaneFloats second{};
  LaneFloats third{};
  LaneFloats fourth{};
  LaneFloats distance = -centroid;
  for (const auto& [value] : spectrum) {
    const LaneFloats square = distance * distance * value;
    second += square;
    third += distance * square;
    fourth += distance * distance * square;
    distance += 1.0F;
  }
  return {values_of(centroid), values_of(second / divisor), values_of(third / divisor), values_of(fourth / divisor)};
}

VIVACE_VECTORISED LaneValues rolloff_bin(std::span<const Lanes> spectrum, float share) {
  LaneFloats total{};
  for (const auto& [value] : spectrum) total += value;
  const LaneFloats threshold = share * total;
  LaneFloats running{};
  LaneIntegers below{};
  for (const auto& [value] : spectrum) {
    running += value;
    below -= running < threshold;
  }
  return values_of(__builtin_convertvector(below, LaneFloats));
}

/// The logarithm of a product of many values, as the product of their mantissas and the sum of their exponents.
VIVACE_VECTORISED LaneValues flatness(std::span<const Lanes> spectrum, float floor) {
  LaneFloats sum{};
  LaneFloats least = std::numeric_limits<float>::infinity() - LaneFloats{};
  LaneFloats product = 1.0F - LaneFloats{};
  LaneIntegers octaves{};
  for (std::size_t begin = 0; begin < spectrum.size(); begin += kMantissasPerProduct) {
    for (const auto& [value] : spectrum.subspan(begin, std::min(kMantissasPerProduct, spectrum.size() - begin))) {
      const LaneFloats limited = value > floor ? value : floor;
      sum += limited;
      least = limited < least ? limited : least;
      const auto bits = reinterpret_cast<LaneIntegers>(limited);
      octaves += (bits >> kMantissaBits) - kExponentOfOne;
      product *= reinterpret_cast<LaneFloats>((bits & kMantissaMask) | (kExponentOfOne << kMantissaBits));
    }
    const auto bits = reinterpret_cast<LaneIntegers>(product);
    octaves += (bits >> kMantissaBits) - kExponentOfOne;
    product = reinterpret_cast<LaneFloats>((bits & kMantissaMask) | (kExponentOfOne << kMantissaBits));
  }
  LaneValues result;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    result[lane] = flatness_of(product[lane], octaves[lane], sum[lane], least[lane], spectrum.size());
  }
  return result;
}

VIVACE_VECTORISED float spectral_distance(std::span<const float> a, std::span<const float> b) {
  LaneFloats squares{};
  std::size_t i = 0;
  for (; i + kLanes <= a.size(); i += kLanes) {
    LaneFloats left;
    LaneFloats right;
    std::memcpy(&left, a.data() + i, sizeof(left));
    std::memcpy(&right, b.data() + i, sizeof(right));
    squares += (left - right) * (left - right);
  }
  float sum = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) sum += squares[lane];
  for (; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum);
}

VIVACE_VECTORISED float highest(std::span<const float> values) {
  LaneFloats best{};
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    LaneFloats value;
    std::memcpy(&value, values.data() + i, sizeof(value));
    best = value > best ? value : best;
  }
  float result = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) result = std::max(result, best[lane]);
  for (; i < values.size(); ++i) result = std::max(result, values[i]);
  return result;
}

VIVACE_VECTORISED float energy(std::span<const float> samples) {
  LaneFloats squares{};
  std::size_t i = 0;
  for (; i + kLanes <= samples.size(); i += kLanes) {
    LaneFloats value;
    std::memcpy(&value, samples.data() + i, sizeof(value));
    squares += value * value;
  }
  float sum = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) sum += squares[lane];
  for (; i < samples.size(); ++i) sum += samples[i] * samples[i];
  return sum;
}

}  // namespace vivace::dsp
