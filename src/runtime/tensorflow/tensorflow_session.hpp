#pragma once

#include <string>
#include <vector>

#include "runtime/session.hpp"
#include "runtime/tensorflow/tensorflow_graph.hpp"

namespace vivace::runtime::tensorflow {

/// A graph that TensorFlow runs on the CPU. A run under way goes on to its end when it is stopped; what it gives is
/// dropped then.
class TensorFlowSession : public Session {
 public:
  /// Throws as TensorFlowGraph.
  explicit TensorFlowSession(const SessionOptions& options);

  const std::vector<TensorInfo>& inputs() const override { return inputs_; }
  const std::vector<TensorInfo>& outputs() const override { return outputs_; }
  const std::string& placement() const override { return placement_; }
  void run(std::span<const InputTensor> inputs, std::span<const OutputTensor> outputs) const override;
  std::vector<Tensor> run(std::span<const NamedTensor> inputs, std::span<const std::string> outputs,
                          const std::stop_token& stop) const override;
  std::vector<ProviderNodes> nodes() const override;

 private:
  std::string path_;
  std::string placement_;
  TensorFlowGraph graph_;
  std::vector<TensorInfo> inputs_;
  std::vector<TensorInfo> outputs_;
};

}  // namespace vivace::runtime::tensorflow
