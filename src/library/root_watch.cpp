#include "library/root_watch.hpp"

#include <sys/stat.h>

#include <system_error>

#include "vivace/error.hpp"

namespace vivace::library {

RootWatch::RootWatch(const std::vector<std::filesystem::path>& roots) {
  for (const std::filesystem::path& root : roots) {
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::is_directory(root, error) ? root : root.parent_path();
    struct stat status {};
    if (::stat(folder.c_str(), &status) == 0) roots_.push_back({folder, status.st_dev, status.st_ino});
  }
}

void RootWatch::require_all() const {
  for (const Root& root : roots_) {
    struct stat status {};
    if (::stat(root.path.c_str(), &status) == 0 && status.st_dev == root.device && status.st_ino == root.inode) {
      continue;
    }
    throw Error(ErrorCode::unavailable, root.path.string(),
                "is gone or was replaced while it was read; run the same command again when it is back");
  }
}

}  // namespace vivace::library
