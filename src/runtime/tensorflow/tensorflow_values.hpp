#pragma once

#include <tensorflow/c/c_api.h>

#include <memory>
#include <optional>

#include "vivace/tensor.hpp"

namespace vivace::runtime::tensorflow {

/// Deletes what TensorFlow's C API made.
struct TensorFlowDeleter {
  void operator()(TF_Status* status) const { TF_DeleteStatus(status); }
  void operator()(TF_Buffer* buffer) const { TF_DeleteBuffer(buffer); }
  void operator()(TF_Tensor* tensor) const { TF_DeleteTensor(tensor); }
  void operator()(TF_Graph* graph) const { TF_DeleteGraph(graph); }
  void operator()(TF_SessionOptions* options) const { TF_DeleteSessionOptions(options); }
  void operator()(TF_ImportGraphDefOptions* options) const { TF_DeleteImportGraphDefOptions(options); }
};
template <typename T>
using TensorFlowPointer = std::unique_ptr<T, TensorFlowDeleter>;

/// The type that TensorFlow calls so; nothing for types that this backend does not pass, strings among them.
std::optional<ElementType> element_type_of(TF_DataType type);

/// A value over memory that must outlive it and is not written. TensorFlow copies what does not lie as it wants.
TensorFlowPointer<TF_Tensor> to_value(ElementType type, std::span<const std::int64_t> shape, const void* data);

/// A tensor that keeps the value and shows its memory. Throws Error(unsupported) for other types.
Tensor to_tensor(TensorFlowPointer<TF_Tensor> value);

}  // namespace vivace::runtime::tensorflow
