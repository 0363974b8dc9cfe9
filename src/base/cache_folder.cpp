#include "base/cache_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <system_error>

namespace fs = std::filesystem;

namespace vivace::base {
namespace {

fs::path variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

/// Of the XDG variables, which count where they are absolute.
fs::path absolute_variable(const char* name) {
  const fs::path value = variable(name);
  return value.is_absolute() ? value : fs::path();
}

}  // namespace

fs::path cache_folder() {
  if (const fs::path cache = absolute_variable("XDG_CACHE_HOME"); !cache.empty()) return cache / "vivace";
  if (const fs::path home = variable("HOME"); !home.empty()) return home / ".cache/vivace";
  return {};
}

bool make_private_folder(const fs::path& folder) {
  std::error_code status;
  if (fs::create_directories(folder, status)) fs::permissions(folder, fs::perms::owner_all, status);
  return is_ours_alone(folder);
}

bool is_ours_alone(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && status.st_uid == ::geteuid() &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

}  // namespace vivace::base
