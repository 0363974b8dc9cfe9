#pragma once

#include <filesystem>
#include <vector>

namespace vivace::library {

/// Names tracks by where they lie below the folders that a job was given, for output that mirrors them. Safe from many
/// threads.
class BelowRoots {
 public:
  /// `roots` are absolute. Throws Error(invalid_argument) where two have the same name: their tracks would mix.
  explicit BelowRoots(std::vector<std::filesystem::path> roots);

  /// The path below the track's root, or the file name of one that is a root itself; with several roots the root's own
  /// name comes first.
  std::filesystem::path operator()(const std::filesystem::path& track) const;

 private:
  std::vector<std::filesystem::path> roots_;
};

}  // namespace vivace::library
