#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <string_view>

#include "base/files.hpp"

namespace vivace::base {

/// An AtomicFile for C libraries, which want to seek in what they wrote and know no exceptions: what goes wrong is kept
/// until `rethrow`. Not thread-safe.
class SeekableFile {
 public:
  explicit SeekableFile(std::filesystem::path path) : file_(std::move(path)) {}

  /// Writes at `position` and moves it. False where that failed, now or before.
  bool write(std::string_view bytes) noexcept;
  /// False beyond the end.
  bool seek(std::uint64_t position) noexcept;

  std::uint64_t position() const { return position_; }
  std::uint64_t size() const { return size_; }
  bool failed() const { return failure_ != nullptr; }

  /// Throws what a write met, if anything.
  void rethrow() const;
  /// The file appears under its name. Throws as AtomicFile.
  void commit() { file_.commit(); }

 private:
  AtomicFile file_;
  std::uint64_t position_ = 0;
  std::uint64_t size_ = 0;
  std::exception_ptr failure_;
};

}  // namespace vivace::base
