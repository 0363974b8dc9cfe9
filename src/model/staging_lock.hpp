#pragma once

#include <filesystem>

namespace vivace::model {

/// Held while one process works in a staging folder; the system frees it when the process ends. File systems without
/// locks are trusted.
class StagingLock {
 public:
  /// Throws Error(unavailable) where another process holds it, or the folder cannot be opened.
  explicit StagingLock(const std::filesystem::path& folder);
  StagingLock(const StagingLock&) = delete;
  StagingLock& operator=(const StagingLock&) = delete;
  ~StagingLock();

 private:
  int descriptor_;
};

}  // namespace vivace::model
