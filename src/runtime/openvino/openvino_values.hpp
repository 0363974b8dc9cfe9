#pragma once

#include <openvino/openvino.hpp>
#include <optional>

#include "vivace/tensor.hpp"

namespace vivace::runtime::openvino {

/// The type that OpenVINO calls so; nothing for types that this backend does not pass, strings among them.
std::optional<ElementType> element_type_of(const ov::element::Type& type);

/// The tensor's own memory, which must outlive the value; for an input, which is not written. Throws
/// Error(unsupported) for strings.
ov::Tensor to_value(const Tensor& tensor);

/// A copy. Throws Error(unsupported) for other types.
Tensor to_tensor(const ov::Tensor& value);

}  // namespace vivace::runtime::openvino
