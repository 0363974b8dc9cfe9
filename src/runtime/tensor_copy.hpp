#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "vivace/tensor.hpp"

namespace vivace::runtime {

/// Copies the corner that two row-major blocks of the same rank have in common: of every axis the shorter length, from
/// the front. `element_bytes` is the size of an element.
void copy_corner(const std::byte* src, std::span<const std::int64_t> src_shape, std::byte* dst,
                 std::span<const std::int64_t> dst_shape, std::size_t element_bytes);

/// Sets all elements of a type to a number. Throws Error(invalid_argument) for a number that the type cannot hold
/// (only zero is known of 16-bit floats), and for strings.
void fill(std::span<std::byte> elements, ElementType type, double value);

}  // namespace vivace::runtime
