#pragma once

#include <sys/types.h>

#include <filesystem>
#include <vector>

namespace vivace::library {

/// The folders that a job works on, so that one that is unmounted or removed is not taken for a lot of files that
/// cannot be read. Safe from many threads.
class RootWatch {
 public:
  explicit RootWatch(const std::vector<std::filesystem::path>& roots);

  /// Throws Error(unavailable) where one of them is not what it was at the start.
  void require_all() const;

 private:
  struct Root {
    std::filesystem::path path;
    dev_t device;
    ino_t inode;
  };
  std::vector<Root> roots_;
};

}  // namespace vivace::library
