#include "runtime/onnxruntime_values.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace vivace::runtime {
namespace {

// In the order of ElementType.
constexpr std::array<ONNXTensorElementDataType, 14> kTypes = {
    ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,  ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16, ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16,
    ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8,    ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8,
    ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16,  ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16,  ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32,
    ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64,   ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64,
    ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL,   ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING};

Ort::Value strings_value(const Tensor& tensor) {
  Ort::AllocatorWithDefaultOptions allocator;
  Ort::Value value = Ort::Value::CreateTensor(allocator, tensor.shape().data(), tensor.shape().size(), kTypes.back());
  const std::span<const std::string> texts = tensor.values<std::string>();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    char* buffer = value.GetResizedStringTensorElementBuffer(i, texts[i].size());
    std::copy(texts[i].begin(), texts[i].end(), buffer);
  }
  return value;
}

Tensor strings_tensor(const Ort::Value& value, Shape shape) {
  Tensor tensor(ElementType::string, std::move(shape));
  const std::span<std::string> texts = tensor.mutable_values<std::string>();
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = value.GetStringTensorElement(i);
  return tensor;
}

}  // namespace

std::optional<ElementType> element_type_of(ONNXTensorElementDataType type) {
  const auto found = std::find(kTypes.begin(), kTypes.end(), type);
  if (found == kTypes.end()) return std::nullopt;
  return static_cast<ElementType>(found - kTypes.begin());
}

Ort::Value to_value(const Tensor& tensor) {
  if (tensor.type() == ElementType::string) return strings_value(tensor);
  static const Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  const auto bytes = tensor.bytes();
  return Ort::Value::CreateTensor(memory, const_cast<std::byte*>(bytes.data()), bytes.size(), tensor.shape().data(),
                                  tensor.shape().size(), kTypes[static_cast<std::size_t>(tensor.type())]);
}

Tensor to_tensor(Ort::Value value) {
  if (!value.IsTensor()) throw Error(ErrorCode::unsupported, "an output that is no tensor cannot be given out");
  const auto info = value.GetTensorTypeAndShapeInfo();
  const auto type = element_type_of(info.GetElementType());
  if (!type) throw Error(ErrorCode::unsupported, "an output of this type of elements cannot be given out");
  Shape shape = info.GetShape();
  if (*type == ElementType::string) return strings_tensor(value, std::move(shape));
  const void* data = value.GetTensorRawData();
  return Tensor::shared(*type, std::move(shape), std::make_shared<Ort::Value>(std::move(value)), data);
}

}  // namespace vivace::runtime
