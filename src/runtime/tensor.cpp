#include "vivace/tensor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <new>
#include <utility>

namespace vivace {
namespace {

constexpr std::size_t kMostElements = std::size_t{1} << 40;
constexpr std::align_val_t kAlignment{64};  // a cache line, and the widest vector register

struct TypeFacts {
  std::string_view name;
  std::size_t bytes;
};

// In the order of ElementType.
constexpr std::array<TypeFacts, 14> kTypes = {{{"float32", 4},
                                               {"float16", 2},
                                               {"bfloat16", 2},
                                               {"float64", 8},
                                               {"int8", 1},
                                               {"uint8", 1},
                                               {"int16", 2},
                                               {"uint16", 2},
                                               {"int32", 4},
                                               {"uint32", 4},
                                               {"int64", 8},
                                               {"uint64", 8},
                                               {"boolean", 1},
                                               {"string", 0}}};

const TypeFacts& facts(ElementType type) { return kTypes[static_cast<std::size_t>(type)]; }

/// Zeros, aligned for vector instructions.
std::shared_ptr<void> allocate(std::size_t bytes) {
  void* memory = ::operator new(std::max<std::size_t>(bytes, 1), kAlignment);
  std::fill_n(static_cast<std::byte*>(memory), bytes, std::byte{0});
  return {memory, [](void* used) { ::operator delete(used, kAlignment); }};
}

/// Memory for strings, each empty.
std::shared_ptr<void> allocate_strings(std::size_t count) {
  return {new std::string[count], [](void* used) { delete[] static_cast<std::string*>(used); }};
}

std::shared_ptr<void> allocate(ElementType type, std::size_t count, const Shape& shape) {
  try {
    return type == ElementType::string ? allocate_strings(count) : allocate(count * element_bytes(type));
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::resource_exhausted, to_text(shape), "there is not enough memory for a tensor of this shape");
  }
}

}  // namespace

std::string_view element_type_name(ElementType type) { return facts(type).name; }

std::size_t element_bytes(ElementType type) { return facts(type).bytes; }

Float16 to_float16(float value) {
  constexpr std::uint32_t kInfinity = 0x7F800000;
  constexpr std::uint32_t kTooLarge = 0x477FF000;        // 65520, which rounds to infinity
  constexpr std::uint32_t kSmallestNormal = 0x38800000;  // 2^-14
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
  const std::uint32_t magnitude = bits & 0x7FFFFFFF;
  std::uint32_t half = 0;
  if (magnitude > kInfinity) {
    half = 0x7E00;
  } else if (magnitude >= kTooLarge) {
    half = 0x7C00;
  } else if (magnitude < kSmallestNormal) {
    half = static_cast<std::uint32_t>(std::nearbyint(std::bit_cast<float>(magnitude) * 0x1p24F));
  } else {
    constexpr std::uint32_t kExponentShift = 112U << 23;  // 127 - 15
    half = (magnitude - kExponentShift + 0xFFF + (magnitude >> 13 & 1)) >> 13;
  }
  return {static_cast<std::uint16_t>(sign | half)};
}

float to_float(Float16 value) {
  const std::uint32_t sign = (value.bits & 0x8000U) << 16;
  const std::uint32_t exponent = value.bits >> 10 & 0x1F;
  const std::uint32_t fraction = value.bits & 0x3FF;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 0x1F ? 0xFF : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

BFloat16 to_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return {static_cast<std::uint16_t>(bits >> 16 | 0x40)};
  return {static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)};
}

float to_float(BFloat16 value) { return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16); }

std::size_t element_count(const Shape& shape) {
  std::size_t count = 1;
  for (const std::int64_t length : shape) {
    if (length < 0) throw Error(ErrorCode::invalid_argument, to_text(shape), "a length of an axis is negative");
    const auto size = static_cast<std::size_t>(length);
    if (size > 0 && count > kMostElements / size) {
      throw Error(ErrorCode::invalid_argument, to_text(shape), "more elements than a tensor can have");
    }
    count *= size;
  }
  return count;
}

std::string to_text(const Shape& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

Tensor::Tensor() : Tensor(ElementType::float32, {0}) {}

Tensor::Tensor(ElementType type, Shape shape) : type_(type), shape_(std::move(shape)), size_(element_count(shape_)) {
  const auto memory = allocate(type, size_, shape_);
  own_ = memory.get();
  data_ = own_;
  owner_ = memory;
}

Tensor::Tensor(ElementType type, Shape shape, std::shared_ptr<const void> owner, const void* data)
    : type_(type), shape_(std::move(shape)), size_(element_count(shape_)), owner_(std::move(owner)), data_(data) {
  if (size_ > 0 && data_ == nullptr) {
    throw Error(ErrorCode::invalid_argument, to_text(shape_), "has elements, but their memory is null");
  }
}

Tensor Tensor::shared(ElementType type, Shape shape, std::shared_ptr<const void> owner, const void* data) {
  return {type, std::move(shape), std::move(owner), data};
}

std::span<const std::byte> Tensor::bytes() const {
  if (type_ == ElementType::string) throw Error(ErrorCode::invalid_argument, "strings have no bytes in a row");
  return {static_cast<const std::byte*>(data_), size_ * element_bytes(type_)};
}

std::span<std::byte> Tensor::mutable_bytes() {
  require_own_memory();
  return {static_cast<std::byte*>(own_), bytes().size()};
}

Tensor Tensor::rows(std::size_t begin, std::size_t count) const {
  if (shape_.empty() || begin + count > static_cast<std::size_t>(shape_.front()) || begin + count < begin) {
    throw Error(ErrorCode::invalid_argument, to_text(shape_),
                fmt::format("has no rows {} to {}", begin, begin + count));
  }
  Tensor part = *this;
  part.shape_.front() = static_cast<std::int64_t>(count);
  const std::size_t row = shape_.front() == 0 ? 0 : size_ / static_cast<std::size_t>(shape_.front());
  const std::size_t bytes = type_ == ElementType::string ? sizeof(std::string) : element_bytes(type_);
  const std::size_t offset = begin * row * bytes;
  part.size_ = count * row;
  part.data_ = static_cast<const std::byte*>(data_) + offset;
  part.own_ = own_ == nullptr ? nullptr : static_cast<std::byte*>(own_) + offset;
  return part;
}

void Tensor::require_type(ElementType type) const {
  if (type == type_) return;
  throw Error(ErrorCode::invalid_argument,
              fmt::format("the tensor holds {}, not {}", element_type_name(type_), element_type_name(type)));
}

void Tensor::require_count(std::size_t count) const {
  if (count == size_) return;
  throw Error(ErrorCode::invalid_argument, to_text(shape_),
              fmt::format("takes {} values, {} were given", size_, count));
}

void Tensor::require_own_memory() const {
  if (own_ != nullptr) return;
  throw Error(ErrorCode::invalid_argument, "the tensor only looks at memory of others, so it cannot be written");
}

}  // namespace vivace
