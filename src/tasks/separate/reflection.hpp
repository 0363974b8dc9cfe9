#pragma once

#include <cstddef>
#include <span>

namespace vivace::separate {

/// The signal with `left` and `right` values mirrored at its ends, whose first and last values are not
/// repeated, as torch's "reflect": dst.size() = left + signal.size() + right. The signal is longer than either.
void reflect(std::span<const float> signal, std::size_t left, std::span<float> dst);

}  // namespace vivace::separate
