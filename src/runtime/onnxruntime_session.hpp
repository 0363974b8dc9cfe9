#pragma once

#include <onnxruntime_cxx_api.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "runtime/onnxruntime_arena.hpp"
#include "runtime/session.hpp"

namespace vivace::runtime {

/// A graph that ONNX Runtime loaded.
class OnnxRuntimeSession : public Session {
 public:
  /// Loads `graph` with `loading`; errors name `model`, which it was made from or is. `settings` are those of the
  /// session without what is to happen once, as saving the graph. `needs` lives as long as the session; may be null.
  /// `profiles` says whether the settings ask for a profile. Throws Ort::Exception where the graph cannot be loaded so.
  OnnxRuntimeSession(const std::filesystem::path& model, const std::filesystem::path& graph,
                     const Ort::SessionOptions& loading, Ort::SessionOptions settings, std::string placement,
                     std::shared_ptr<const void> needs, bool profiles = false);

  const std::vector<TensorInfo>& inputs() const override { return inputs_; }
  const std::vector<TensorInfo>& outputs() const override { return outputs_; }
  const std::string& placement() const override { return placement_; }
  void run(std::span<const InputTensor> inputs, std::span<const OutputTensor> outputs) const override;
  std::vector<Tensor> run(std::span<const NamedTensor> inputs, std::span<const std::string> outputs,
                          const std::stop_token& stop) const override;
  std::optional<BackendProfile> end_profile() const override;
  BackendMemory memory() const override;
  void shrink_after_next_run() const override { shrinks_ = true; }
  std::vector<ProviderNodes> nodes() const override;

 private:
  std::shared_ptr<const void> needs_;
  std::string path_;
  std::filesystem::path graph_;
  std::string placement_;
  Ort::SessionOptions settings_;
  ArenaUse arena_{0};
  Ort::Session session_;
  std::vector<TensorInfo> inputs_;
  std::vector<TensorInfo> outputs_;
  bool profiles_;
  mutable std::atomic<bool> shrinks_ = false;
};

}  // namespace vivace::runtime
