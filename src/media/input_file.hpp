#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

struct AVIOContext;

namespace vivace::media {

/// One regular file, handed to FFmpeg as a stream of bytes: no protocol of FFmpeg is involved, so nothing but this file
/// is read. The file may change while it is read; it then ends where it ends now.
class InputFile {
 public:
  /// Throws Error: not_found, invalid_argument (a folder or device), unavailable (cannot be read), corrupt_data
  /// (empty).
  explicit InputFile(const std::filesystem::path& path);
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile();

  const std::filesystem::path& path() const { return path_; }
  AVIOContext* io() const { return io_.get(); }

  /// Bytes in the file now.
  std::int64_t size() const;
  /// Reads at `offset` without moving the stream; returns the bytes that were there.
  std::span<std::uint8_t> read_at(std::int64_t offset, std::span<std::uint8_t> buffer) const;

  /// Throws Error(unavailable) where the system failed to deliver bytes, which FFmpeg reports like an end of file.
  void rethrow_read_error() const;

 private:
  struct IoDeleter {
    void operator()(AVIOContext* io) const;
  };

  static int read(void* file, std::uint8_t* buffer, int size);
  static std::int64_t seek(void* file, std::int64_t offset, int whence);
  [[noreturn]] void fail_to_open(int error) const;
  void require_content() const;

  std::filesystem::path path_;
  int descriptor_ = -1;
  std::int64_t offset_ = 0;
  int read_error_ = 0;  // errno
  std::unique_ptr<AVIOContext, IoDeleter> io_;
};

}  // namespace vivace::media
