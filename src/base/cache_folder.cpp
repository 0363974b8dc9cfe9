#include "base/cache_folder.hpp"

#include <cstdlib>

namespace fs = std::filesystem;

namespace vivace::base {
namespace {

fs::path variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

fs::path cache_folder() {
  if (const fs::path cache = variable("XDG_CACHE_HOME"); !cache.empty()) return cache / "vivace";
  if (const fs::path home = variable("HOME"); !home.empty()) return home / ".cache/vivace";
  return {};
}

}  // namespace vivace::base
