#include "runtime/tensor_copy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace vivace::runtime {
namespace {

std::size_t bytes_of(std::span<const std::int64_t> shape, std::size_t element_bytes) {
  std::size_t bytes = element_bytes;
  for (const std::int64_t length : shape) bytes *= static_cast<std::size_t>(length);
  return bytes;
}

template <typename T>
void fill_as(std::span<std::byte> elements, double value) {
  const bool holds =
      value >= static_cast<double>(std::numeric_limits<T>::lowest()) &&
      value <= static_cast<double>(std::numeric_limits<T>::max()) &&
      (!std::numeric_limits<T>::is_integer || value == static_cast<double>(static_cast<std::int64_t>(value)));
  if (!holds) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("{} is not a value of {}", value, element_type_name(element_type_of<T>())));
  }
  const T element = static_cast<T>(value);
  for (std::size_t i = 0; i < elements.size(); i += sizeof(T)) std::memcpy(&elements[i], &element, sizeof(T));
}

}  // namespace

void copy_corner(const std::byte* src, std::span<const std::int64_t> src_shape, std::byte* dst,
                 std::span<const std::int64_t> dst_shape, std::size_t element_bytes) {
  if (std::equal(src_shape.begin(), src_shape.end(), dst_shape.begin(), dst_shape.end())) {
    std::memcpy(dst, src, bytes_of(src_shape, element_bytes));
    return;
  }
  const std::int64_t common = std::min(src_shape.front(), dst_shape.front());
  if (src_shape.size() == 1) {
    std::memcpy(dst, src, static_cast<std::size_t>(common) * element_bytes);
    return;
  }
  const std::size_t src_step = bytes_of(src_shape.subspan(1), element_bytes);
  const std::size_t dst_step = bytes_of(dst_shape.subspan(1), element_bytes);
  for (std::int64_t i = 0; i < common; ++i, src += src_step, dst += dst_step) {
    copy_corner(src, src_shape.subspan(1), dst, dst_shape.subspan(1), element_bytes);
  }
}

void fill(std::span<std::byte> elements, ElementType type, double value) {
  if (value == 0 && type != ElementType::string) {
    std::fill(elements.begin(), elements.end(), std::byte{0});
    return;
  }
  switch (type) {
    case ElementType::float32: return fill_as<float>(elements, value);
    case ElementType::float64: return fill_as<double>(elements, value);
    case ElementType::int8: return fill_as<std::int8_t>(elements, value);
    case ElementType::uint8: return fill_as<std::uint8_t>(elements, value);
    case ElementType::int16: return fill_as<std::int16_t>(elements, value);
    case ElementType::uint16: return fill_as<std::uint16_t>(elements, value);
    case ElementType::int32: return fill_as<std::int32_t>(elements, value);
    case ElementType::uint32: return fill_as<std::uint32_t>(elements, value);
    case ElementType::int64: return fill_as<std::int64_t>(elements, value);
    default:
      throw Error(ErrorCode::invalid_argument,
                  fmt::format("{} cannot be filled up with {}", element_type_name(type), value));
  }
}

}  // namespace vivace::runtime
