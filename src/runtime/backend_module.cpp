#include "runtime/backend_module.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <utility>

#include "base/files.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

constexpr const char* kFactory = "vivace_backend_candidate";
using Factory = decltype(&vivace_backend_candidate);

using Environment = std::map<std::string, std::string>;

/// A shared object, or why there is none.
struct Module {
  const Candidate* candidate = nullptr;
  std::string problem;
};

std::string loader_message() {
  const char* message = dlerror();
  return message != nullptr ? message : "unknown reason";
}

/// `backend` is also the option of scripts/setup that gets what the object is built with.
Module load_module(const std::string& backend, const std::string& product, const Environment& environment) {
  for (const auto& [variable, value] : environment) setenv(variable.c_str(), value.c_str(), 0);
  const std::string name = fmt::format("libvivace_{}.so", backend);
  const std::filesystem::path beside = base::library_folder() / name;
  std::error_code status;
  const bool is_beside = std::filesystem::exists(beside, status);
  void* library = dlopen(is_beside ? beside.c_str() : name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr && !is_beside) {
    return {nullptr, fmt::format("this build has no {}: run scripts/setup --{}, then ./run build", name, backend)};
  }
  void* symbol = library != nullptr ? dlsym(library, kFactory) : nullptr;
  if (symbol == nullptr) {
    return {nullptr, fmt::format("{} cannot be loaded ({}); are {}'s libraries where they were when it was built?",
                                 is_beside ? beside.string() : name, loader_message(), product)};
  }
  return {reinterpret_cast<Factory>(symbol)(), {}};
}

class ModuleCandidate : public Candidate {
 public:
  ModuleCandidate(std::string backend, std::string product, Environment environment)
      : backend_(std::move(backend)), product_(std::move(product)), environment_(std::move(environment)) {}

  std::string backend() const override { return backend_; }
  std::string provider() const override { return "cpu"; }
  bool is_automatic() const override { return false; }
  std::string version() const override {
    const Module& loaded = module();
    return loaded.candidate == nullptr ? "" : loaded.candidate->version();
  }

  bool has_threads_a_session() const override {
    const Module& loaded = module();
    return loaded.candidate == nullptr || loaded.candidate->has_threads_a_session();
  }

  bool reads_provider_settings() const override {
    const Module& loaded = module();
    return loaded.candidate != nullptr && loaded.candidate->reads_provider_settings();
  }
  bool reads_session_settings() const override {
    const Module& loaded = module();
    return loaded.candidate != nullptr && loaded.candidate->reads_session_settings();
  }

  std::optional<std::string> decline(const std::string& precision) const override {
    const Module& loaded = module();
    return loaded.candidate == nullptr ? loaded.problem : loaded.candidate->decline(precision);
  }

  std::unique_ptr<Session> load(const SessionOptions& options) const override {
    const Module& loaded = module();
    if (loaded.candidate == nullptr) throw Error(ErrorCode::unavailable, "backend '" + backend_ + "'", loaded.problem);
    return loaded.candidate->load(options);
  }

 private:
  const Module& module() const {
    static std::mutex mutex;
    static std::map<std::string, Module> modules;
    const std::lock_guard lock(mutex);
    const auto known = modules.find(backend_);
    return known != modules.end()
               ? known->second
               : modules.emplace(backend_, load_module(backend_, product_, environment_)).first->second;
  }

  std::string backend_;
  std::string product_;
  Environment environment_;
};

}  // namespace

std::shared_ptr<const Candidate> backend_module(const std::string& backend, const std::string& product,
                                                const Environment& environment) {
  return std::make_shared<ModuleCandidate>(backend, product, environment);
}

}  // namespace vivace::runtime
