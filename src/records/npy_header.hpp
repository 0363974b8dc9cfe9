#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace vivace::records {

/// The bytes of every header below: a multiple of 64 with room for any shape of a few axes.
inline constexpr std::size_t kNpyHeaderBytes = 128;

/// What stands before the numbers of a row-major array in NumPy's format NPY 1.0. `type` is NumPy's name of the
/// elements, e.g. "<f4".
std::string npy_header(const char* type, std::span<const std::uint64_t> shape);

}  // namespace vivace::records
