#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace vivace::model {

/// What has come of a download so far, in `<target>.part`. It survives a cut, so that the next try can go on from
/// there. Not thread-safe; one at a time for a target.
class PartFile {
 public:
  /// Opens the part that is there, else creates an empty one. Throws Error(unavailable).
  explicit PartFile(std::filesystem::path target);
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  ~PartFile();

  std::uint64_t size() const { return size_; }
  const std::filesystem::path& path() const { return path_; }

  /// Throws Error(resource_exhausted) for a full disk, Error(unavailable) for other failures; so do the next two.
  void append(std::string_view bytes);
  /// Drops all bytes.
  void restart();
  /// Syncs the bytes and gives them the target's name. The object takes no more bytes afterwards.
  void publish();

 private:
  [[noreturn]] void fail(const char* action) const;

  std::filesystem::path target_;
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace vivace::model
