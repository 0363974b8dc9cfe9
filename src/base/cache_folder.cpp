#include "base/cache_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

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

bool is_ours_alone(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && status.st_uid == ::geteuid() &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

}  // namespace vivace::base
