#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnxruntime_cxx_api.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "runtime/onnxruntime_candidate.hpp"
#include "runtime/onnxruntime_environment.hpp"
#include "runtime/onnxruntime_plugin.hpp"

namespace vivace::runtime {
namespace {

constexpr const char* kCpu = "CPUExecutionProvider";
constexpr const char* kCuda = "CUDAExecutionProvider";

/// A provider that is part of the ONNX Runtime library in use, or comes beside it and belongs to that version.
class BuiltInCandidate : public OnnxRuntimeCandidate {
 public:
  explicit BuiltInCandidate(const std::string& library_name)
      : OnnxRuntimeCandidate(short_provider_name(library_name), library_name) {}

  bool is_automatic() const override { return library_name() == kCpu || library_name() == kCuda; }
  bool reads_provider_settings() const override { return library_name() != kCpu; }

 private:
  std::optional<std::string> absence() const override {
    const std::vector<std::string> present = onnxruntime_providers();
    if (std::find(present.begin(), present.end(), library_name()) != present.end()) return start_problem();
    return fmt::format("the ONNX Runtime library {} does not bring {} (it has: {})", onnxruntime_version(),
                       library_name(), fmt::join(present, ", "));
  }

  /// Why the provider cannot be started: it may be listed while libraries that it needs are missing.
  std::optional<std::string> start_problem() const {
    try {
      onnxruntime_environment();
      Ort::SessionOptions settings;
      append_to(settings, {});
      return std::nullopt;
    } catch (const Ort::Exception& error) {
      return fmt::format("{} cannot be started: {}", library_name(), error.what());
    }
  }

  void append_to(Ort::SessionOptions& settings, const PlacementOptions& wanted) const override {
    const std::unordered_map<std::string, std::string> options(wanted.provider_settings.begin(),
                                                               wanted.provider_settings.end());
    if (library_name() == kCpu) return;
    if (library_name() == kCuda) {
      Ort::CUDAProviderOptions cuda;
      if (!options.empty()) cuda.Update(options);
      settings.AppendExecutionProvider_CUDA_V2(*cuda);
    } else if (library_name() == "TensorrtExecutionProvider") {
      Ort::TensorRTProviderOptions tensorrt;
      if (!options.empty()) tensorrt.Update(options);
      settings.AppendExecutionProvider_TensorRT_V2(*tensorrt);
    } else if (library_name() == "OpenVINOExecutionProvider") {
      settings.AppendExecutionProvider_OpenVINO_V2(options);
    } else {
      constexpr std::size_t kEnding = std::string_view("ExecutionProvider").size();
      settings.AppendExecutionProvider(library_name().substr(0, library_name().size() - kEnding), options);
    }
  }
};

}  // namespace

std::vector<std::shared_ptr<const Candidate>> onnxruntime_candidates(const std::vector<ProviderLibrary>& libraries) {
  std::vector<std::shared_ptr<const Candidate>> all{std::make_shared<BuiltInCandidate>(kCuda)};
  for (const ProviderLibrary& library : libraries) {
    for (auto& candidate : plugin_candidates(library)) all.push_back(std::move(candidate));
  }
  for (const std::string& name : onnxruntime_providers()) {
    if (name != kCpu && name != kCuda) all.push_back(std::make_shared<BuiltInCandidate>(name));
  }
  all.push_back(std::make_shared<BuiltInCandidate>(kCpu));
  return all;
}

}  // namespace vivace::runtime
