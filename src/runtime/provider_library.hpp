#pragma once

#include <onnxruntime_cxx_api.h>

#include <memory>
#include <string>
#include <vector>

#include "vivace/placement.hpp"

namespace vivace::runtime {

/// A library of execution providers in use. ONNX Runtime keeps it loaded while any RegisteredLibrary of the process
/// names its file, and lets go of it with the last. Whoever opens sessions on its devices keeps it as long as these.
class RegisteredLibrary {
 public:
  /// Loads the library where it is not loaded yet. A second name for the same file is as good as the first.
  /// Throws Error: not_found (no such file), invalid_argument (no regular file, no shared object with providers, or
  /// its name stands for another file), unavailable (ONNX Runtime cannot be used).
  static std::shared_ptr<const RegisteredLibrary> open(const ProviderLibrary& library);

  RegisteredLibrary(const RegisteredLibrary&) = delete;
  RegisteredLibrary& operator=(const RegisteredLibrary&) = delete;
  ~RegisteredLibrary();

  /// What the caller calls it.
  const std::string& name() const { return name_; }
  /// The file, links resolved.
  const std::string& path() const { return path_; }
  /// The devices of this machine that its providers offer; none is normal.
  const std::vector<Ort::ConstEpDevice>& devices() const { return devices_; }

 private:
  RegisteredLibrary(std::string name, std::string path, std::vector<Ort::ConstEpDevice> devices);

  std::string name_;
  std::string path_;
  std::vector<Ort::ConstEpDevice> devices_;
  std::shared_ptr<Ort::Env> environment_;
};

}  // namespace vivace::runtime
