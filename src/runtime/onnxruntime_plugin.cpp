#include "runtime/onnxruntime_plugin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "runtime/onnxruntime_environment.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

/// Stands for a library whose providers find no device that they could use.
class NoDeviceCandidate : public Candidate {
 public:
  explicit NoDeviceCandidate(std::shared_ptr<const RegisteredLibrary> library) : library_(std::move(library)) {}

  std::string backend() const override { return "onnxruntime"; }
  std::string provider() const override { return library_->name(); }
  std::optional<std::string> decline(const std::string&) const override {
    return fmt::format("the provider library {} was loaded, but offers no device on this machine", library_->path());
  }
  std::unique_ptr<Session> load(const SessionOptions& options) const override {
    throw Error(ErrorCode::unavailable, options.graph.string(), *decline(options.placement.precision));
  }

 private:
  std::shared_ptr<const RegisteredLibrary> library_;
};

std::string device_kind(const Ort::ConstEpDevice& device) {
  switch (device.Device().Type()) {
    case OrtHardwareDeviceType_GPU: return "gpu";
    case OrtHardwareDeviceType_NPU: return "npu";
    default: return "cpu";
  }
}

/// Whether the provider of `device` offers more than one.
bool has_siblings(const std::vector<Ort::ConstEpDevice>& devices, const Ort::ConstEpDevice& device) {
  const std::string name = device.EpName();
  return std::count_if(devices.begin(), devices.end(), [&](const auto& other) { return other.EpName() == name; }) > 1;
}

}  // namespace

DeviceCandidate::DeviceCandidate(std::string provider, Ort::ConstEpDevice device,
                                 std::shared_ptr<const RegisteredLibrary> library)
    : OnnxRuntimeCandidate(std::move(provider), device.EpName()), device_(device), library_(std::move(library)) {}

bool DeviceCandidate::answers_to(const std::string& name) const {
  return OnnxRuntimeCandidate::answers_to(name) || name == short_provider_name(library_name()) ||
         (library_ != nullptr && name == library_->name());
}

void DeviceCandidate::append_to(Ort::SessionOptions& settings, const PlacementOptions& wanted) const {
  const std::unordered_map<std::string, std::string> options(wanted.provider_settings.begin(),
                                                             wanted.provider_settings.end());
  settings.AppendExecutionProvider_V2(onnxruntime_environment(), {device_}, options);
}

std::vector<std::shared_ptr<const Candidate>> plugin_candidates(const ProviderLibrary& library) {
  const std::shared_ptr<const RegisteredLibrary> registered = RegisteredLibrary::open(library);
  if (registered->devices().empty()) return {std::make_shared<NoDeviceCandidate>(registered)};
  std::vector<std::shared_ptr<const Candidate>> found;
  for (const Ort::ConstEpDevice& device : registered->devices()) {
    std::string name = short_provider_name(device.EpName());
    if (has_siblings(registered->devices(), device)) name = fmt::format("{}:{}", name, device_kind(device));
    found.push_back(std::make_shared<DeviceCandidate>(std::move(name), device, registered));
  }
  return found;
}

}  // namespace vivace::runtime
