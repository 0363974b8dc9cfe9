#pragma once

#include <onnxruntime_cxx_api.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime/onnxruntime_candidate.hpp"
#include "runtime/provider_library.hpp"

namespace vivace::runtime {

/// A device that a provider library offers, or one of ONNX Runtime's own.
class DeviceCandidate : public OnnxRuntimeCandidate {
 public:
  /// `library` is kept as long as the candidate and its sessions live; null for devices of ONNX Runtime's own.
  DeviceCandidate(std::string provider, Ort::ConstEpDevice device, std::shared_ptr<const RegisteredLibrary> library);

  bool answers_to(const std::string& name) const override;

 private:
  std::optional<std::string> absence() const override { return std::nullopt; }
  void append_to(Ort::SessionOptions& settings, const PlacementOptions& wanted) const override;
  std::shared_ptr<const void> needs() const override { return library_; }

  Ort::ConstEpDevice device_;
  std::shared_ptr<const RegisteredLibrary> library_;
};

/// One candidate a device that the library offers: "openvino", or "openvino:gpu" where a provider offers several. A
/// library without a device here has one candidate, which bears its name and declines. Throws as
/// RegisteredLibrary::open.
std::vector<std::shared_ptr<const Candidate>> plugin_candidates(const ProviderLibrary& library);

}  // namespace vivace::runtime
