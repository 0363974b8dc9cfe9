#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vivace::test {

/// A float32 tensor at the border of a graph; -1 is a free axis.
struct GraphTensor {
  std::string name;
  std::vector<std::int64_t> shape;
};

/// The bytes of an ONNX file whose outputs, each of shape `[batch, width]`, hold the mean of every row of the input.
std::string tiny_graph(const GraphTensor& input, const std::vector<GraphTensor>& outputs);

/// The bytes of an ONNX file that gives its input "x" out as "y": any type of elements, by its number in onnx.proto.
/// `op` is an operator that by default changes nothing.
std::string identity_graph(int element_type, const std::vector<std::int64_t>& shape,
                           const std::string& op = "Identity");

}  // namespace vivace::test
