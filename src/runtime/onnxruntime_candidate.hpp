#pragma once

#include <onnxruntime_cxx_api.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime/placement.hpp"

namespace vivace::runtime {

/// ONNX Runtime with one execution provider.
class OnnxRuntimeCandidate : public Candidate {
 public:
  /// `provider` is our name of it, `library_name` ONNX Runtime's own.
  OnnxRuntimeCandidate(std::string provider, std::string library_name);

  std::string backend() const override { return "onnxruntime"; }
  std::string provider() const override { return provider_; }
  std::string version() const override { return onnxruntime_version(); }
  bool answers_to(const std::string& name) const override { return name == provider_ || name == library_name_; }
  bool reads_provider_settings() const override { return true; }
  bool reads_session_settings() const override { return true; }
  std::optional<std::string> decline(const std::string& precision) const override;
  std::unique_ptr<Session> load(const SessionOptions& options) const override;

 protected:
  const std::string& library_name() const { return library_name_; }

 private:
  /// Why the provider is not there, or cannot be started.
  virtual std::optional<std::string> absence() const = 0;
  /// Adds the provider to the settings of a session. Throws Ort::Exception.
  virtual void append_to(Ort::SessionOptions& settings, const PlacementOptions& wanted) const = 0;
  /// What a session must keep as long as it lives; may be null.
  virtual std::shared_ptr<const void> needs() const { return nullptr; }

  std::unique_ptr<Session> load_kept(const SessionOptions& options) const;
  std::unique_ptr<Session> open(const SessionOptions& options, const std::filesystem::path& graph,
                                const Ort::SessionOptions& loading) const;
  Ort::SessionOptions settings(const SessionOptions& options) const;
  [[noreturn]] void fail_to_load(const SessionOptions& options, const Ort::Exception& error) const;
  std::string left_to_the_cpu(SessionOptions options) const;

  std::string provider_;
  std::string library_name_;
};

/// Our name of a provider: "OpenVINOExecutionProvider" is "openvino".
std::string short_provider_name(const std::string& library_name);

/// The candidates of ONNX Runtime: CUDA, the named libraries' in the order given, others that the library brings, and
/// the plain CPU last. Throws as RegisteredLibrary::open.
std::vector<std::shared_ptr<const Candidate>> onnxruntime_candidates(const std::vector<ProviderLibrary>& libraries);

}  // namespace vivace::runtime
