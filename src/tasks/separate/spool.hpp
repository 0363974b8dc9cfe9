#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace vivace::separate {

/// Stereo samples that wait on disk, in a file without a name that is gone with the process. Not thread-safe.
class Spool {
 public:
  /// On the disk of `folder`. Throws Error(unavailable) where no file can be made there.
  explicit Spool(const std::filesystem::path& folder);
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool();

  /// Appends as many samples left and right. Throws Error: resource_exhausted (disk full), unavailable.
  void write(std::span<const float> left, std::span<const float> right);
  /// The next frames from the beginning on, at most some thousand; none at the end. Throws Error(unavailable).
  struct Block {
    std::vector<float> left;
    std::vector<float> right;
  };
  Block read();

 private:
  std::filesystem::path folder_;
  int descriptor_ = -1;
  std::int64_t position_ = 0;  // of the reader, bytes
  std::vector<float> interleaved_;
};

}  // namespace vivace::separate
