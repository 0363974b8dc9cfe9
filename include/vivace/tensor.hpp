#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vivace/error.hpp"

namespace vivace {

/// The types of elements that tensors have, as ONNX names them.
enum class ElementType : std::uint8_t {
  float32,
  float16,
  bfloat16,
  float64,
  int8,
  uint8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  uint64,
  boolean,
  string,
};

/// The name of a type, e.g. "float32".
std::string_view element_type_name(ElementType type);

/// Bytes of one element; 0 for strings, which have no fixed size.
std::size_t element_bytes(ElementType type);

/// IEEE 754 binary16 and the upper half of a binary32, as their bits.
struct Float16 {
  std::uint16_t bits = 0;
};
struct BFloat16 {
  std::uint16_t bits = 0;
};

/// Nearest values; halves round to even, what is too large becomes infinite, NaN stays NaN.
Float16 to_float16(float value);
BFloat16 to_bfloat16(float value);
float to_float(Float16 value);
float to_float(BFloat16 value);

/// The ElementType of a C++ type; only the types of ElementType have one.
template <typename T>
struct ElementTypeOf;
template <>
struct ElementTypeOf<float> {
  static constexpr ElementType value = ElementType::float32;
};
template <>
struct ElementTypeOf<Float16> {
  static constexpr ElementType value = ElementType::float16;
};
template <>
struct ElementTypeOf<BFloat16> {
  static constexpr ElementType value = ElementType::bfloat16;
};
template <>
struct ElementTypeOf<double> {
  static constexpr ElementType value = ElementType::float64;
};
template <>
struct ElementTypeOf<std::int8_t> {
  static constexpr ElementType value = ElementType::int8;
};
template <>
struct ElementTypeOf<std::uint8_t> {
  static constexpr ElementType value = ElementType::uint8;
};
template <>
struct ElementTypeOf<std::int16_t> {
  static constexpr ElementType value = ElementType::int16;
};
template <>
struct ElementTypeOf<std::uint16_t> {
  static constexpr ElementType value = ElementType::uint16;
};
template <>
struct ElementTypeOf<std::int32_t> {
  static constexpr ElementType value = ElementType::int32;
};
template <>
struct ElementTypeOf<std::uint32_t> {
  static constexpr ElementType value = ElementType::uint32;
};
template <>
struct ElementTypeOf<std::int64_t> {
  static constexpr ElementType value = ElementType::int64;
};
template <>
struct ElementTypeOf<std::uint64_t> {
  static constexpr ElementType value = ElementType::uint64;
};
template <>
struct ElementTypeOf<bool> {
  static constexpr ElementType value = ElementType::boolean;
};
template <>
struct ElementTypeOf<std::string> {
  static constexpr ElementType value = ElementType::string;
};

/// Lengths of the axes, all at least 0; empty for a scalar.
using Shape = std::vector<std::int64_t>;

/// How many elements a shape has. Throws Error(invalid_argument) for a negative length or more than 2^40 elements.
std::size_t element_count(const Shape& shape);

/// "[2, 3]".
std::string to_text(const Shape& shape);

/// A dense tensor, row-major. Copies share the elements, so that a copy costs little; who writes to a tensor writes to
/// its copies. Reading is safe from many threads while nobody writes.
class Tensor {
 public:
  /// No elements: float32 [0].
  Tensor();

  /// Memory of its own, zeros or empty strings. Throws Error(invalid_argument) for an impossible shape.
  Tensor(ElementType type, Shape shape);

  /// Copies the values. Throws Error(invalid_argument) where their number is not that of the shape.
  template <typename T>
  static Tensor of(Shape shape, std::span<const T> values) {
    Tensor tensor(ElementTypeOf<T>::value, std::move(shape));
    tensor.require_count(values.size());
    std::copy(values.begin(), values.end(), tensor.mutable_values<T>().begin());
    return tensor;
  }

  /// Looks at memory of the caller, which must stay as it is until the last copy of the tensor is gone. Throws
  /// Error(invalid_argument) where the number of values is not that of the shape.
  template <typename T>
  static Tensor view(Shape shape, std::span<const T> values) {
    Tensor tensor(ElementTypeOf<T>::value, std::move(shape), nullptr, values.data());
    tensor.require_count(values.size());
    return tensor;
  }

  /// Looks at memory that `owner` keeps alive.
  static Tensor shared(ElementType type, Shape shape, std::shared_ptr<const void> owner, const void* data);

  ElementType type() const { return type_; }
  const Shape& shape() const { return shape_; }
  std::size_t size() const { return size_; }

  /// All elements. Throws Error(invalid_argument) where they are of another type.
  template <typename T>
  std::span<const T> values() const {
    require_type(ElementTypeOf<T>::value);
    return {static_cast<const T*>(data_), size_};
  }

  /// All elements of a tensor with memory of its own. Throws Error(invalid_argument) where they are of another type, or
  /// in memory of others.
  template <typename T>
  std::span<T> mutable_values() {
    require_type(ElementTypeOf<T>::value);
    require_own_memory();
    return {static_cast<T*>(own_), size_};
  }

  /// The elements as they lie in memory. Throws Error(invalid_argument) for strings.
  std::span<const std::byte> bytes() const;

  /// The same, to be written. Throws Error(invalid_argument) for strings, and for memory of others.
  std::span<std::byte> mutable_bytes();

  /// Rows `begin` … `begin + count` of the first axis; shares the elements. Throws Error(invalid_argument) for a scalar
  /// and for rows that are not there.
  Tensor rows(std::size_t begin, std::size_t count) const;

 private:
  Tensor(ElementType type, Shape shape, std::shared_ptr<const void> owner, const void* data);
  void require_type(ElementType type) const;
  void require_count(std::size_t count) const;
  void require_own_memory() const;

  ElementType type_;
  Shape shape_;
  std::size_t size_ = 0;
  std::shared_ptr<const void> owner_;  // what keeps the elements alive; null for memory of the caller
  const void* data_ = nullptr;
  void* own_ = nullptr;  // the same as `data_` where it may be written
};

/// A tensor with its name in the graph.
struct NamedTensor {
  std::string name;
  Tensor tensor;
};

}  // namespace vivace
