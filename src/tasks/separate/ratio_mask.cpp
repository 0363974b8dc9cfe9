#include "tasks/separate/ratio_mask.hpp"

#include <cmath>

#include "base/vectorised.hpp"

namespace vivace::separate {
namespace {

// Pairs of floats, as a complex number is one: so written, the compiler vectorises the loops.

VIVACE_VECTORISED void take(const float* parts, std::size_t count, float* magnitudes) {
  for (std::size_t i = 0; i < count; ++i) {
    magnitudes[i] = std::sqrt(parts[2 * i] * parts[2 * i] + parts[2 * i + 1] * parts[2 * i + 1]);
  }
}

VIVACE_VECTORISED void square(float* estimates, std::size_t count, float* sums) {
  for (std::size_t i = 0; i < count; ++i) {
    estimates[i] *= estimates[i];
    sums[i] += estimates[i];
  }
}

VIVACE_VECTORISED void divide(float* squares, std::size_t count, float share, const float* sums) {
  for (std::size_t i = 0; i < count; ++i) squares[i] = (squares[i] + share) / sums[i];
}

VIVACE_VECTORISED void multiply(const float* mix, const float* mask, std::size_t count, float* dst) {
  for (std::size_t i = 0; i < count; ++i) {
    dst[2 * i] = mix[2 * i] * mask[i];
    dst[2 * i + 1] = mix[2 * i + 1] * mask[i];
  }
}

const float* parts_of(std::span<const std::complex<float>> bins) { return reinterpret_cast<const float*>(bins.data()); }

}  // namespace

void take_magnitudes(std::span<const std::complex<float>> bins, std::span<float> magnitudes) {
  take(parts_of(bins), magnitudes.size(), magnitudes.data());
}

void square_onto(std::span<float> estimates, std::span<float> sums) {
  square(estimates.data(), estimates.size(), sums.data());
}

void divide_by_sums(std::span<float> squares, float share, std::span<const float> sums) {
  divide(squares.data(), squares.size(), share, sums.data());
}

void apply_mask(std::span<const std::complex<float>> mix, std::span<const float> mask,
                std::span<std::complex<float>> dst) {
  multiply(parts_of(mix), mask.data(), mask.size(), reinterpret_cast<float*>(dst.data()));
}

}  // namespace vivace::separate
