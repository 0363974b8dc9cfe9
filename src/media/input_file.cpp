#include "media/input_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "media/ffmpeg_handles.hpp"
#include "vivace/error.hpp"

namespace vivace::media {
namespace {

constexpr int kIoBufferBytes = 64 * 1024;

ssize_t read_some(int descriptor, std::uint8_t* buffer, std::size_t size, std::int64_t offset) {
  ssize_t got;
  do {
    got = ::pread(descriptor, buffer, size, offset);
  } while (got < 0 && errno == EINTR);
  return got;
}

}  // namespace

InputFile::InputFile(const std::filesystem::path& path) : path_(path) {
  // Non-blocking, as opening a pipe would otherwise wait for its writer.
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) fail_to_open(errno);
  try {
    require_content();
    auto* buffer = allocated(static_cast<unsigned char*>(av_malloc(kIoBufferBytes)));
    io_.reset(avio_alloc_context(buffer, kIoBufferBytes, 0, this, &InputFile::read, nullptr, &InputFile::seek));
    if (!io_) av_free(buffer);
    allocated(io_.get());
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
  ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::IoDeleter::operator()(AVIOContext* io) const {
  av_freep(&io->buffer);  // FFmpeg may have replaced the one it was given
  avio_context_free(&io);
}

void InputFile::fail_to_open(int error) const {
  std::error_code status;
  if (error == ENOENT && std::filesystem::is_symlink(path_, status)) {
    throw Error(ErrorCode::not_found, path_.string(), "the link points to a file that does not exist");
  }
  if (error == ENOENT || error == ENOTDIR) throw Error(ErrorCode::not_found, path_.string(), "no such file");
  throw Error(ErrorCode::unavailable, path_.string(), fmt::format("cannot be read: {}", std::strerror(error)));
}

void InputFile::require_content() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) fail_to_open(errno);
  if (S_ISDIR(status.st_mode)) {
    throw Error(ErrorCode::invalid_argument, path_.string(), "is a folder; name a file inside it");
  }
  if (!S_ISREG(status.st_mode)) {
    throw Error(ErrorCode::invalid_argument, path_.string(), "is not a regular file; copy its content to one first");
  }
  if (status.st_size == 0) throw Error(ErrorCode::corrupt_data, path_.string(), "not audio: the file is empty");
}

std::int64_t InputFile::size() const {
  struct stat status {};
  return ::fstat(descriptor_, &status) == 0 ? status.st_size : 0;
}

std::span<std::uint8_t> InputFile::read_at(std::int64_t offset, std::span<std::uint8_t> buffer) const {
  const ssize_t got = read_some(descriptor_, buffer.data(), buffer.size(), offset);
  return buffer.first(got > 0 ? static_cast<std::size_t>(got) : 0);
}

void InputFile::rethrow_read_error() const {
  if (read_error_ == 0) return;
  throw Error(ErrorCode::unavailable, path_.string(), fmt::format("cannot be read: {}", std::strerror(read_error_)));
}

int InputFile::read(void* file, std::uint8_t* buffer, int size) {
  auto* self = static_cast<InputFile*>(file);
  const ssize_t got = read_some(self->descriptor_, buffer, static_cast<std::size_t>(size), self->offset_);
  if (got < 0) {
    self->read_error_ = errno;
    return AVERROR(errno);
  }
  if (got == 0) return AVERROR_EOF;
  self->offset_ += got;
  return static_cast<int>(got);
}

std::int64_t InputFile::seek(void* file, std::int64_t offset, int whence) {
  auto* self = static_cast<InputFile*>(file);
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE: return self->size();
    case SEEK_SET: break;
    case SEEK_CUR: offset += self->offset_; break;
    case SEEK_END: offset += self->size(); break;
    default: return AVERROR(EINVAL);
  }
  if (offset < 0) return AVERROR(EINVAL);
  return self->offset_ = offset;
}

}  // namespace vivace::media
