#include "library/file_state.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "base/modification_time.hpp"

namespace vivace::library {

bool is_unchanged(const TrackFile& file) {
  struct stat status {};
  return ::stat(file.path.c_str(), &status) == 0 && status.st_size == file.size &&
         base::modification_ns(status) == file.mtime_ns;
}

bool is_gone(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

}  // namespace vivace::library
