#include "runtime/tensorflow/tensorflow_values.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace vivace::runtime::tensorflow {
namespace {

// In the order of ElementType, without strings.
constexpr std::array<TF_DataType, 13> kTypes = {TF_FLOAT, TF_HALF,   TF_BFLOAT16, TF_DOUBLE, TF_INT8,
                                                TF_UINT8, TF_INT16,  TF_UINT16,   TF_INT32,  TF_UINT32,
                                                TF_INT64, TF_UINT64, TF_BOOL};

}  // namespace

std::optional<ElementType> element_type_of(TF_DataType type) {
  const auto found = std::find(kTypes.begin(), kTypes.end(), type);
  if (found == kTypes.end()) return std::nullopt;
  return static_cast<ElementType>(found - kTypes.begin());
}

TensorFlowPointer<TF_Tensor> to_value(ElementType type, std::span<const std::int64_t> shape, const void* data) {
  if (type == ElementType::string) throw Error(ErrorCode::unsupported, "the TensorFlow backend does not pass strings");
  const std::size_t bytes = element_count({shape.begin(), shape.end()}) * element_bytes(type);
  constexpr auto keep = [](void*, std::size_t, void*) {};
  TensorFlowPointer<TF_Tensor> value(TF_NewTensor(kTypes[static_cast<std::size_t>(type)], shape.data(),
                                                  static_cast<int>(shape.size()), const_cast<void*>(data), bytes, keep,
                                                  nullptr));
  if (value == nullptr) throw Error(ErrorCode::resource_exhausted, "TensorFlow could not make a tensor of the input");
  return value;
}

Tensor to_tensor(TensorFlowPointer<TF_Tensor> value) {
  const auto type = element_type_of(TF_TensorType(value.get()));
  if (!type) throw Error(ErrorCode::unsupported, "an output of this type of elements cannot be given out");
  Shape shape;
  for (int i = 0; i < TF_NumDims(value.get()); ++i) shape.push_back(TF_Dim(value.get(), i));
  const void* data = TF_TensorData(value.get());
  return Tensor::shared(*type, std::move(shape), std::shared_ptr<TF_Tensor>(std::move(value)), data);
}

}  // namespace vivace::runtime::tensorflow
