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

/// The bytes of an ONNX file that multiplies its input "x", a square matrix of float32, `steps` times by itself: "y".
std::string matrix_power_graph(std::size_t steps);

/// The bytes of an ONNX file that takes the hyperbolic tangent of its input "x" [-1] `steps` times, "y", and the mean
/// of that, "mean" [1].
std::string tanh_graph(std::size_t steps);

/// The bytes of an ONNX file that repeats its input "x" [1] of float32 to the shape that its input "shape" (int64)
/// says: "y".
std::string expand_graph();

/// The bytes of an ONNX file that gives its input "x" [batch, width] twice, one below the other, as "y", and says that
/// "y" is as long as "x"; and once as "same".
std::string doubling_graph(std::int64_t width);

/// The bytes of an ONNX file that takes "x" [rows, length, width] through so many layers of `width` x `width` weights,
/// each a matrix product and a hyperbolic tangent, and gives "y" of the same shape.
std::string layers_graph(std::int64_t width, std::size_t layers);

/// An output that is an input times weights: one weight for all where both have as many axes, else one for each row of
/// the axis 1 that the output has more.
struct WeightedOutput {
  GraphTensor input;
  GraphTensor output;
  std::vector<float> weights;
};

/// The bytes of an ONNX file with such outputs of different inputs.
std::string weighting_graph(const std::vector<WeightedOutput>& outputs);

}  // namespace vivace::test
