#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
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

/// The ElementType of a C++ type: float, Float16, BFloat16, double, the integers of fixed width, bool, std::string.
template <typename T>
constexpr ElementType element_type_of() {
  if constexpr (std::is_same_v<T, float>) return ElementType::float32;
  if constexpr (std::is_same_v<T, Float16>) return ElementType::float16;
  if constexpr (std::is_same_v<T, BFloat16>) return ElementType::bfloat16;
  if constexpr (std::is_same_v<T, double>) return ElementType::float64;
  if constexpr (std::is_same_v<T, std::int8_t>) return ElementType::int8;
  if constexpr (std::is_same_v<T, std::uint8_t>) return ElementType::uint8;
  if constexpr (std::is_same_v<T, std::int16_t>) return ElementType::int16;
  if constexpr (std::is_same_v<T, std::uint16_t>) return ElementType::uint16;
  if constexpr (std::is_same_v<T, std::int32_t>) return ElementType::int32;
  if constexpr (std::is_same_v<T, std::uint32_t>) return ElementType::uint32;
  if constexpr (std::is_same_v<T, std::int64_t>) return ElementType::int64;
  if constexpr (std::is_same_v<T, std::uint64_t>) return ElementType::uint64;
  if constexpr (std::is_same_v<T, bool>) return ElementType::boolean;
  if constexpr (std::is_same_v<T, std::string>) return ElementType::string;
}

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

  /// Memory of its own, zeros or empty strings. Throws Error: invalid_argument (an impossible shape),
  /// resource_exhausted (memory).
  Tensor(ElementType type, Shape shape);

  /// Copies the values. Throws Error(invalid_argument) where their number is not that of the shape.
  template <typename T>
  static Tensor of(Shape shape, std::span<const T> values) {
    Tensor tensor(element_type_of<T>(), std::move(shape));
    tensor.require_count(values.size());
    std::copy(values.begin(), values.end(), tensor.mutable_values<T>().begin());
    return tensor;
  }

  /// Looks at memory of the caller, which must stay as it is until the last copy of the tensor is gone. Throws
  /// Error(invalid_argument) where the number of values is not that of the shape.
  template <typename T>
  static Tensor view(Shape shape, std::span<const T> values) {
    Tensor tensor(element_type_of<T>(), std::move(shape), nullptr, values.data());
    tensor.require_count(values.size());
    return tensor;
  }

  /// Looks at memory that `owner` keeps alive. Throws Error(invalid_argument) where `data` is null and the shape has
  /// elements.
  static Tensor shared(ElementType type, Shape shape, std::shared_ptr<const void> owner, const void* data);

  ElementType type() const { return type_; }
  const Shape& shape() const { return shape_; }
  std::size_t size() const { return size_; }

  /// All elements. Throws Error(invalid_argument) where they are of another type.
  template <typename T>
  std::span<const T> values() const {
    require_type(element_type_of<T>());
    return {static_cast<const T*>(data_), size_};
  }

  /// All elements of a tensor with memory of its own. Throws Error(invalid_argument) where they are of another type, or
  /// in memory of others.
  template <typename T>
  std::span<T> mutable_values() {
    require_type(element_type_of<T>());
    require_own_memory();
    return {static_cast<T*>(own_), size_};
  }

  /// The elements as they lie in memory. Throws Error(invalid_argument) for strings.
  std::span<const std::byte> bytes() const;

  /// The same, to be written. Throws Error(invalid_argument) for strings, and for memory of others.
  std::span<std::byte> mutable_bytes();

  /// Whether it has memory of its own that no copy shares.
  bool is_sole_owner() const { return own_ != nullptr && owner_.use_count() == 1; }

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
