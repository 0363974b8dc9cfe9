#include "runtime/openvino/openvino_values.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace vivace::runtime::openvino {
namespace {

/// In the order of ElementType, without strings.
const std::array<ov::element::Type, 13>& types() {
  static const std::array<ov::element::Type, 13> all = {
      ov::element::f32, ov::element::f16, ov::element::bf16,   ov::element::f64, ov::element::i8,
      ov::element::u8,  ov::element::i16, ov::element::u16,    ov::element::i32, ov::element::u32,
      ov::element::i64, ov::element::u64, ov::element::boolean};
  return all;
}

}  // namespace

std::optional<ElementType> element_type_of(const ov::element::Type& type) {
  const auto found = std::find(types().begin(), types().end(), type);
  if (found == types().end()) return std::nullopt;
  return static_cast<ElementType>(found - types().begin());
}

ov::Tensor to_value(const Tensor& tensor) {
  if (tensor.type() == ElementType::string) {
    throw Error(ErrorCode::unsupported, "the OpenVINO backend does not pass strings");
  }
  const ov::Shape shape(tensor.shape().begin(), tensor.shape().end());
  const ov::element::Type type = types()[static_cast<std::size_t>(tensor.type())];
  if (tensor.size() == 0) return {type, shape};
  return {type, shape, const_cast<std::byte*>(tensor.bytes().data())};
}

Tensor to_tensor(const ov::Tensor& value) {
  const auto type = element_type_of(value.get_element_type());
  if (!type) throw Error(ErrorCode::unsupported, "an output of this type of elements cannot be given out");
  const ov::Shape& shape = value.get_shape();
  Tensor tensor(*type, Shape(shape.begin(), shape.end()));
  if (tensor.size() > 0) std::memcpy(tensor.mutable_bytes().data(), value.data(), value.get_byte_size());
  return tensor;
}

}  // namespace vivace::runtime::openvino
