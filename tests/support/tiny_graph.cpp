#include "support/tiny_graph.hpp"

#include <type_traits>

namespace vivace::test {
namespace {

constexpr int kFloat = 1;     // TensorProto.DataType
constexpr int kInt64 = 7;     // the same
constexpr int kInt = 2;       // AttributeProto.AttributeType
constexpr int kIntegers = 7;  // of attributes

/// A protobuf message under construction; field numbers are those of onnx.proto.
class Message {
 public:
  Message& number(unsigned field, std::uint64_t value) {
    varint(field << 3U);
    varint(value);
    return *this;
  }
  Message& bytes(unsigned field, const std::string& value) {
    varint((field << 3U) | 2U);
    varint(value.size());
    data_ += value;
    return *this;
  }
  Message& message(unsigned field, const Message& value) { return bytes(field, value.data_); }
  const std::string& data() const { return data_; }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) data_ += static_cast<char>((value & 0x7F) | 0x80);
    data_ += static_cast<char>(value);
  }

  std::string data_;
};

Message node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output) {
  Message node;
  for (const std::string& input : inputs) node.bytes(1, input);
  return node.bytes(2, output).bytes(4, op);
}

Message attribute(const std::string& name, int type, unsigned field, std::uint64_t value) {
  return Message().bytes(1, name).number(field, value).number(20, static_cast<std::uint64_t>(type));
}

Message value_info(const GraphTensor& tensor, int element_type = kFloat) {
  Message shape;
  for (const std::int64_t axis : tensor.shape) {
    shape.message(1, axis < 0 ? Message().bytes(2, "batch") : Message().number(1, static_cast<std::uint64_t>(axis)));
  }
  const Message type = Message().number(1, static_cast<std::uint64_t>(element_type)).message(2, shape);
  return Message().bytes(1, tensor.name).message(2, Message().message(1, type));
}

template <typename T>
Message constant(const std::string& name, const std::vector<std::int64_t>& shape, const std::vector<T>& values) {
  Message tensor;
  for (const std::int64_t axis : shape) tensor.number(1, static_cast<std::uint64_t>(axis));
  const std::string bytes(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  return tensor.number(2, std::is_same_v<T, float> ? kFloat : kInt64).bytes(8, name).bytes(9, bytes);
}

Message zeros(const std::string& name, std::int64_t width) {
  const auto count = static_cast<std::uint64_t>(width);
  return Message().number(1, 1).number(1, count).number(2, kFloat).bytes(8, name).bytes(
      9, std::string(count * sizeof(float), '\0'));
}

std::string model_with(const Message& graph) {
  return Message().number(1, 8).message(7, graph).message(8, Message().bytes(1, "").number(2, 13)).data();
}

}  // namespace

std::string tiny_graph(const GraphTensor& input, const std::vector<GraphTensor>& outputs) {
  Message graph;
  graph.message(1, node("Flatten", {input.name}, "flat").message(5, attribute("axis", kInt, 3, 1)));
  graph.message(1, node("ReduceMean", {"flat"}, "mean").message(5, attribute("axes", kIntegers, 8, 1)));
  graph.bytes(2, "tiny");
  for (const GraphTensor& output : outputs) {
    graph.message(1, node("Add", {"mean", "zeros of " + output.name}, output.name));
    graph.message(5, zeros("zeros of " + output.name, output.shape.back()));
    graph.message(12, value_info(output));
  }
  graph.message(11, value_info(input));
  return model_with(graph);
}

std::string identity_graph(int element_type, const std::vector<std::int64_t>& shape, const std::string& op) {
  Message graph;
  graph.message(1, node(op, {"x"}, "y")).bytes(2, "identity");
  graph.message(11, value_info({"x", shape}, element_type)).message(12, value_info({"y", shape}, element_type));
  return model_with(graph);
}

std::string matrix_power_graph(std::size_t steps) {
  Message graph;
  std::string power = "x";
  for (std::size_t step = 1; step <= steps; ++step) {
    const std::string next = step == steps ? "y" : "power " + std::to_string(step);
    graph.message(1, node("MatMul", {power, "x"}, next));
    power = next;
  }
  graph.bytes(2, "power").message(11, value_info({"x", {-1, -1}})).message(12, value_info({"y", {-1, -1}}));
  return model_with(graph);
}

std::string tanh_graph(std::size_t steps) {
  Message graph;
  for (std::size_t step = 1; step <= steps; ++step) {
    const auto name = [steps](std::size_t number) { return number == steps ? "y" : "tanh " + std::to_string(number); };
    graph.message(1, node("Tanh", {step == 1 ? "x" : name(step - 1)}, name(step)));
  }
  graph.message(1, node("ReduceMean", {"y"}, "mean").message(5, attribute("axes", kIntegers, 8, 0)));
  graph.bytes(2, "tanh").message(11, value_info({"x", {-1}}));
  graph.message(12, value_info({"y", {-1}})).message(12, value_info({"mean", {1}}));
  return model_with(graph);
}

std::string expand_graph() {
  Message graph;
  graph.message(1, node("Expand", {"x", "shape"}, "y")).bytes(2, "expand");
  graph.message(11, value_info({"x", {1}})).message(11, value_info({"shape", {-1}}, kInt64));
  graph.message(12, value_info({"y", {-1}}));
  return model_with(graph);
}

std::string doubling_graph(std::int64_t width) {
  Message graph;
  graph.message(1, node("Concat", {"x", "x"}, "y").message(5, attribute("axis", kInt, 3, 0)));
  graph.message(1, node("Identity", {"x"}, "same")).bytes(2, "doubling");
  graph.message(11, value_info({"x", {-1, width}})).message(12, value_info({"y", {-1, width}}));
  graph.message(12, value_info({"same", {-1, width}}));
  return model_with(graph);
}

std::string layers_graph(std::int64_t width, std::size_t layers) {
  Message graph;
  std::string last = "x";
  const std::vector<float> weights(static_cast<std::size_t>(width * width), 1.0F / static_cast<float>(width));
  const std::string bytes(reinterpret_cast<const char*>(weights.data()), weights.size() * sizeof(float));
  for (std::size_t layer = 1; layer <= layers; ++layer) {
    const std::string number = std::to_string(layer);
    const std::string next = layer == layers ? "y" : "tanh " + number;
    graph.message(1, node("MatMul", {last, "weights " + number}, "product " + number));
    graph.message(1, node("Tanh", {"product " + number}, next));
    const auto length = static_cast<std::uint64_t>(width);
    graph.message(
        5,
        Message().number(1, length).number(1, length).number(2, kFloat).bytes(8, "weights " + number).bytes(9, bytes));
    last = next;
  }
  graph.bytes(2, "layers").message(11, value_info({"x", {-1, -1, width}}));
  graph.message(12, value_info({"y", {-1, -1, width}}));
  return model_with(graph);
}

std::string weighting_graph(const std::vector<WeightedOutput>& outputs) {
  Message graph;
  graph.bytes(2, "weighting").message(5, constant<std::int64_t>("axis", {1}, {1}));
  for (const WeightedOutput& each : outputs) {
    const std::string weights = "weights of " + each.output.name;
    std::vector<std::int64_t> shape(each.output.shape.size(), 1);
    shape[1] = static_cast<std::int64_t>(each.weights.size());
    graph.message(5, constant(weights, shape, each.weights));
    std::string src = each.input.name;
    if (each.output.shape.size() > each.input.shape.size()) {
      src = "row of " + each.output.name;
      graph.message(1, node("Unsqueeze", {each.input.name, "axis"}, src));
    }
    graph.message(1, node("Mul", {src, weights}, each.output.name));
    graph.message(11, value_info(each.input)).message(12, value_info(each.output));
  }
  return model_with(graph);
}

}  // namespace vivace::test
