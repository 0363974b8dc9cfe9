#include "runtime/tensor_copy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>

namespace vivace::runtime {
namespace {

std::size_t bytes_of(std::span<const std::int64_t> shape, std::size_t element_bytes) {
  std::size_t bytes = element_bytes;
  for (const std::int64_t length : shape) bytes *= static_cast<std::size_t>(length);
  return bytes;
}

/// The value of a type that is nearest to a number; nothing where the type cannot hold it.
template <typename T>
std::optional<T> as(double number) {
  if constexpr (std::is_integral_v<T>) {
    const double end = std::ldexp(1.0, std::numeric_limits<T>::digits);
    const double first = std::is_signed_v<T> ? -end : 0.0;
    if (number != std::trunc(number) || number < first || number >= end) return std::nullopt;
    return static_cast<T>(number);
  } else if constexpr (std::is_same_v<T, double>) {
    return std::isnan(number) ? std::nullopt : std::optional(number);
  } else if constexpr (std::is_same_v<T, float>) {
    if (std::isnan(number)) return std::nullopt;
    if (std::isinf(number)) return std::copysign(std::numeric_limits<float>::infinity(), static_cast<float>(number));
    if (std::abs(number) > static_cast<double>(std::numeric_limits<float>::max())) return std::nullopt;
    return static_cast<float>(number);
  } else {
    const std::optional<float> wide = as<float>(number);
    if (!wide) return std::nullopt;
    const T narrow =
        std::is_same_v<T, Float16> ? std::bit_cast<T>(to_float16(*wide)) : std::bit_cast<T>(to_bfloat16(*wide));
    if (std::isinf(to_float(narrow)) != std::isinf(*wide)) return std::nullopt;
    return narrow;
  }
}

/// Calls `action` with a value of the C++ type that stands for the type of elements, and returns what it returns; false
/// for strings.
template <typename Action>
bool with_type(ElementType type, Action&& action) {
  switch (type) {
    case ElementType::float32: return action(float{});
    case ElementType::float16: return action(Float16{});
    case ElementType::bfloat16: return action(BFloat16{});
    case ElementType::float64: return action(double{});
    case ElementType::int8: return action(std::int8_t{});
    case ElementType::uint8: return action(std::uint8_t{});
    case ElementType::int16: return action(std::int16_t{});
    case ElementType::uint16: return action(std::uint16_t{});
    case ElementType::int32: return action(std::int32_t{});
    case ElementType::uint32: return action(std::uint32_t{});
    case ElementType::int64: return action(std::int64_t{});
    case ElementType::uint64: return action(std::uint64_t{});
    case ElementType::boolean: return action(bool{});
    case ElementType::string: return false;
  }
  return false;
}

}  // namespace

void copy_corner(const std::byte* src, std::span<const std::int64_t> src_shape, std::byte* dst,
                 std::span<const std::int64_t> dst_shape, std::size_t element_bytes) {
  if (bytes_of(src_shape, element_bytes) == 0 || bytes_of(dst_shape, element_bytes) == 0) return;
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

bool can_hold(ElementType type, double number) {
  return with_type(type, [&](auto example) { return as<decltype(example)>(number).has_value(); });
}

void fill(std::span<std::byte> elements, ElementType type, double number) {
  if (number == 0 && type != ElementType::string) {
    std::fill(elements.begin(), elements.end(), std::byte{0});
    return;
  }
  const bool filled = with_type(type, [&](auto example) {
    const auto element = as<decltype(example)>(number);
    if (!element) return false;
    for (std::size_t i = 0; i < elements.size(); i += sizeof *element) {
      std::memcpy(&elements[i], &*element, sizeof *element);
    }
    return true;
  });
  if (filled) return;
  throw Error(ErrorCode::invalid_argument, fmt::format("{} is not a value of {}", number, element_type_name(type)));
}

}  // namespace vivace::runtime
