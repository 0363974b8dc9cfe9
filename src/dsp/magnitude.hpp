#pragma once

#include <span>

namespace vivace::dsp {

/// The largest |x|; 0 of no samples. No sample may be NaN.
float largest_magnitude(std::span<const float> samples);

/// The sum of x^2, in double precision.
double sum_of_squares(std::span<const float> samples);

}  // namespace vivace::dsp
