#pragma once

#include <mutex>
#include <openvino/openvino.hpp>
#include <string>
#include <vector>

#include "runtime/session.hpp"

namespace vivace::runtime::openvino {

/// The one OpenVINO of the process. Thread-safe.
ov::Core& openvino_core();

/// A graph that OpenVINO compiled for the CPU. All outputs are computed in every run, not only the named ones.
class OpenVinoSession : public Session {
 public:
  /// Throws ov::Exception where the graph cannot be read or compiled.
  explicit OpenVinoSession(const SessionOptions& options);

  const std::vector<TensorInfo>& inputs() const override { return inputs_; }
  const std::vector<TensorInfo>& outputs() const override { return outputs_; }
  const std::string& placement() const override { return placement_; }
  void run(std::span<const InputTensor> inputs, std::span<const OutputTensor> outputs) const override;
  std::vector<Tensor> run(std::span<const NamedTensor> inputs, std::span<const std::string> outputs,
                          const std::stop_token& stop) const override;
  std::vector<ProviderNodes> nodes() const override;

 private:
  class Lease;

  std::size_t input_index(const std::string& name) const;
  std::size_t output_index(const std::string& name) const;
  void require_all_inputs(std::size_t given) const;

  std::string path_;
  std::string placement_;
  mutable ov::CompiledModel model_;
  std::vector<TensorInfo> inputs_;
  std::vector<TensorInfo> outputs_;
  mutable std::mutex mutex_;
  mutable std::vector<ov::InferRequest> idle_;  // that no run uses; guarded by `mutex_`
};

}  // namespace vivace::runtime::openvino
