#pragma once

#include <onnxruntime_cxx_api.h>

#include <optional>

#include "vivace/tensor.hpp"

namespace vivace::runtime {

/// The type that ONNX Runtime calls so; nothing for types that tensors of vivace cannot have.
std::optional<ElementType> element_type_of(ONNXTensorElementDataType type);

/// A value for a run: the tensor's own memory, which must outlive it; strings are copied.
Ort::Value to_value(const Tensor& tensor);

/// A tensor that keeps the value and shows its memory; strings are copied. Throws Error(unsupported) for a value that
/// is no tensor, or of another type.
Tensor to_tensor(Ort::Value value);

}  // namespace vivace::runtime
