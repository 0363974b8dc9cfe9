#pragma once

#include <filesystem>
#include <string>

namespace vivace::base {

/// SHA-256 of files, remembered in a folder, so that opening a model again need not read all of it. What was remembered
/// counts while path, size, inode and times of the file are the same, and only where nobody but this user could have
/// written it. A value; safe from many threads and processes.
class KnownDigests {
 public:
  /// Empty: nothing is remembered. What cannot be written is not remembered either.
  explicit KnownDigests(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// In `$XDG_CACHE_HOME/vivace/verified`, or else in `~/.cache/vivace/verified`: see cache_folder.
  static KnownDigests from_environment();

  /// The digest of a file, remembered or read now. Files that changed within the last seconds are not remembered, as
  /// another change might not show. Throws as sha256_of_file.
  std::string sha256_of(const std::filesystem::path& file) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace vivace::base
