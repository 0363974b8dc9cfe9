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

/// Whether elements of a type can be a number: integers only whole ones, strings none, nothing NaN. Floats hold the
/// nearest value, and infinity only where that is meant.
bool can_hold(ElementType type, double number);

/// Sets all elements of a type to a number. Throws Error(invalid_argument) where they cannot hold it.
void fill(std::span<std::byte> elements, ElementType type, double number);

}  // namespace vivace::runtime
