#pragma once

#include <cstddef>
#include <vector>

namespace vivace::dsp {

/// `periodic` windows tile (denominator N, for analysis and overlap-add); `symmetric` ones end on their first value
/// (denominator N - 1).
enum class WindowEnds { periodic, symmetric };

/// Hann window: `size` weights in [0, 1], w[i] = 0.5 - 0.5 cos(2 pi i / d), d = size or size - 1.
/// A symmetric window of size 1 is {1}. Throws Error(invalid_argument) for size 0.
std::vector<float> hann_window(std::size_t size, WindowEnds ends);

}  // namespace vivace::dsp
