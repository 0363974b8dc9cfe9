#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

namespace vivace::test {

inline const std::filesystem::path kGoldens = std::filesystem::path(VIVACE_SOURCE_DIR) / "tests/goldens";

/// The folder of a model that set-up makes.
inline std::filesystem::path installed_model(const std::string& name) {
  std::filesystem::path folder = std::filesystem::path(VIVACE_SOURCE_DIR) / ".deps/models" / name;
  if (!std::filesystem::exists(folder)) throw std::runtime_error(folder.string() + " is missing: run scripts/setup");
  return folder;
}

}  // namespace vivace::test
