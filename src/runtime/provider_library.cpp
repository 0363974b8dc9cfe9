#include "runtime/provider_library.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <utility>

#include "base/log.hpp"
#include "runtime/graph_file.hpp"
#include "runtime/onnxruntime_environment.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

namespace fs = std::filesystem;

/// What ONNX Runtime has registered.
struct Registration {
  std::string name;  // the first that it was given
  std::vector<Ort::ConstEpDevice> devices;
  int uses = 0;
};

/// All registrations by the file, links resolved; guarded by `mutex`.
struct Registry {
  std::mutex mutex;
  std::map<std::string, Registration> by_path;
};

/// Never destroyed: sessions in static memory may outlive any order of destruction.
Registry& registry() {
  static auto* const all = new Registry;
  return *all;
}

std::string resolved_path(const ProviderLibrary& library) {
  std::error_code status;
  if (!fs::exists(library.path, status)) {
    throw Error(ErrorCode::not_found, shortened(library.path),
                fmt::format("no such file; provider library '{}' must be a shared object that exports "
                            "CreateEpFactories",
                            library.name));
  }
  require_regular_file(library.path);
  return fs::canonical(library.path).string();
}

bool same_device(const Ort::ConstEpDevice& a, const Ort::ConstEpDevice& b) {
  return static_cast<const OrtEpDevice*>(a) == static_cast<const OrtEpDevice*>(b);
}

/// The devices that are there now and were not before.
std::vector<Ort::ConstEpDevice> added_devices(const std::vector<Ort::ConstEpDevice>& before) {
  std::vector<Ort::ConstEpDevice> devices = onnxruntime_environment().GetEpDevices();
  std::erase_if(devices, [&](const Ort::ConstEpDevice& device) {
    return std::any_of(before.begin(), before.end(), [&](const auto& known) { return same_device(known, device); });
  });
  return devices;
}

Registration register_library(const ProviderLibrary& library, const std::string& path) {
  Ort::Env& environment = onnxruntime_environment();
  const std::vector<Ort::ConstEpDevice> before = environment.GetEpDevices();
  try {
    environment.RegisterExecutionProviderLibrary(library.name.c_str(), path);
  } catch (const Ort::Exception& error) {
    throw Error(ErrorCode::invalid_argument, library.path.string(),
                fmt::format("is no provider library: a shared object that exports CreateEpFactories was expected (ONNX "
                            "Runtime: {})",
                            error.what()));
  }
  return {library.name, added_devices(before), 0};
}

void require_free_name(const Registry& all, const ProviderLibrary& library) {
  if (library.name.empty()) {
    throw Error(ErrorCode::invalid_argument, library.path.string(), "a provider library must have a name");
  }
  for (const auto& [path, registration] : all.by_path) {
    if (registration.name != library.name) continue;
    throw Error(ErrorCode::invalid_argument, library.path.string(),
                fmt::format("the name '{}' already stands for the provider library {}", library.name, path));
  }
}

}  // namespace

std::shared_ptr<const RegisteredLibrary> RegisteredLibrary::open(const ProviderLibrary& library) {
  std::string path = resolved_path(library);
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  auto known = all.by_path.find(path);
  if (known == all.by_path.end()) {
    require_free_name(all, library);
    known = all.by_path.emplace(path, register_library(library, path)).first;
  }
  ++known->second.uses;
  return std::shared_ptr<const RegisteredLibrary>(
      new RegisteredLibrary(library.name, std::move(path), known->second.devices));
}

RegisteredLibrary::RegisteredLibrary(std::string name, std::string path, std::vector<Ort::ConstEpDevice> devices)
    : name_(std::move(name)),
      path_(std::move(path)),
      devices_(std::move(devices)),
      environment_(shared_onnxruntime_environment()) {}

RegisteredLibrary::~RegisteredLibrary() {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const auto known = all.by_path.find(path_);
  if (--known->second.uses > 0) return;
  const std::string name = known->second.name;
  all.by_path.erase(known);
  try {
    environment_->UnregisterExecutionProviderLibrary(name.c_str());
  } catch (const Ort::Exception& error) {
    base::log(base::LogLevel::warning, fmt::format("provider library '{}' stays loaded: {}", name, error.what()));
  }
}

}  // namespace vivace::runtime
