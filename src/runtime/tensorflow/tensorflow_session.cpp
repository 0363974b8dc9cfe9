#include "runtime/tensorflow/tensorflow_session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "vivace/error.hpp"

namespace vivace::runtime::tensorflow {
namespace {

/// The tensors of a run, in the form that the C API takes.
struct Feed {
  std::vector<TF_Output> ports;
  std::vector<TensorFlowPointer<TF_Tensor>> values;
  std::vector<TF_Tensor*> pointers;

  void add(const TensorFlowGraph::Port& port, const std::string& path, ElementType type,
           std::span<const std::int64_t> shape, const void* data) {
    const Shape& wanted = port.info.shape;
    const bool fits =
        wanted.empty() || std::equal(wanted.begin(), wanted.end(), shape.begin(), shape.end(),
                                     [](auto declared, auto given) { return declared < 0 || declared == given; });
    if (!fits || port.info.element_type != element_type_name(type)) {
      throw Error(
          ErrorCode::model_mismatch, path,
          fmt::format("tensor '{}' is {} {}, the graph wants {} {} (-1: any)", port.info.name, element_type_name(type),
                      to_text({shape.begin(), shape.end()}), port.info.element_type, to_text(wanted)));
    }
    ports.push_back(port.tensor);
    values.push_back(to_value(type, shape, data));
    pointers.push_back(values.back().get());
  }
};

const void* data_of(const Tensor& tensor) {
  return tensor.type() == ElementType::string ? nullptr : tensor.bytes().data();
}

}  // namespace

TensorFlowSession::TensorFlowSession(const SessionOptions& options)
    : path_(options.graph.string()), placement_("tensorflow/cpu"), graph_(options.graph, options.intra_op_threads) {
  for (const auto& port : graph_.inputs()) inputs_.push_back(port.info);
  for (const auto& port : graph_.outputs()) outputs_.push_back(port.info);
}

void TensorFlowSession::run(std::span<const InputTensor> inputs, std::span<const OutputTensor> outputs) const {
  Feed feed;
  for (const InputTensor& input : inputs) {
    feed.add(graph_.input(input.name), path_, ElementType::float32, input.shape, input.values.data());
  }
  std::vector<TF_Output> wanted;
  for (const OutputTensor& output : outputs) wanted.push_back(graph_.output(output.name).tensor);
  auto results = graph_.run(feed.ports, feed.pointers, wanted);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Tensor result = to_tensor(std::move(results[i]));
    if (!std::equal(result.shape().begin(), result.shape().end(), outputs[i].shape.begin(), outputs[i].shape.end())) {
      throw Error(ErrorCode::model_mismatch, path_,
                  fmt::format("output '{}' came out as {}, not as {}", outputs[i].name, to_text(result.shape()),
                              to_text({outputs[i].shape.begin(), outputs[i].shape.end()})));
    }
    std::ranges::copy(result.values<float>(), outputs[i].values.begin());
  }
}

std::vector<Tensor> TensorFlowSession::run(std::span<const NamedTensor> inputs, std::span<const std::string> outputs,
                                           const std::stop_token& stop) const {
  Feed feed;
  for (const NamedTensor& input : inputs) {
    feed.add(graph_.input(input.name), path_, input.tensor.type(), input.tensor.shape(), data_of(input.tensor));
  }
  std::vector<TF_Output> wanted;
  for (const std::string& output : outputs) wanted.push_back(graph_.output(output).tensor);
  auto results = graph_.run(feed.ports, feed.pointers, wanted);
  if (stop.stop_requested()) throw Error(ErrorCode::cancelled, path_, "stopped while it ran");
  std::vector<Tensor> tensors;
  tensors.reserve(results.size());
  for (auto& result : results) tensors.push_back(to_tensor(std::move(result)));
  return tensors;
}

std::vector<ProviderNodes> TensorFlowSession::nodes() const {
  ProviderNodes all{"CPU", 0, graph_.operations()};
  all.count = all.nodes.size();
  return {all};
}

}  // namespace vivace::runtime::tensorflow
