#pragma once

#include <complex>
#include <cstddef>
#include <span>

namespace vivace::separate {

/// The loops of masking, over spans of equal length.

void take_magnitudes(std::span<const std::complex<float>> bins, std::span<float> magnitudes);
/// Squares `estimates`, and adds the squares to `sums`.
void square_onto(std::span<float> estimates, std::span<float> sums);
/// squares + share over sums, in place of the squares.
void divide_by_sums(std::span<float> squares, float share, std::span<const float> sums);
void apply_mask(std::span<const std::complex<float>> mix, std::span<const float> mask,
                std::span<std::complex<float>> dst);

}  // namespace vivace::separate
