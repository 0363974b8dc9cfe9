#include "base/files.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <utility>

#include "vivace/error.hpp"

namespace vivace::base {
namespace {

constexpr std::size_t kReadChunk = std::size_t{1} << 20U;

constexpr std::size_t kBufferBytes = std::size_t{256} * 1024;
constexpr std::size_t kWriteBackBytes = std::size_t{8} << 20U;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Splits a run of digits off the front of `text`, leading zeros dropped.
std::string_view take_number(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && is_digit(text[end])) ++end;
  std::string_view number = text.substr(0, end);
  text.remove_prefix(end);
  while (number.size() > 1 && number.front() == '0') number.remove_prefix(1);
  return number;
}

/// Bytes of the valid UTF-8 character at the front of `text`, 0 where there is none.
std::size_t utf8_character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool surrogate = first == 0xED && byte(1) > 0x9F;
  const bool beyond_unicode = first == 0xF4 && byte(1) > 0x8F;
  return overlong || surrogate || beyond_unicode ? 0 : length;
}

/// What a path leads to in the end, where it is a link, also to a file that is not there yet.
std::filesystem::path behind_links(std::filesystem::path path) {
  constexpr int kMostLinks = 40;  // as Linux
  std::error_code status;
  for (int links = 0; links < kMostLinks && std::filesystem::is_symlink(path, status); ++links) {
    path = path.parent_path() / std::filesystem::read_symlink(path, status);
  }
  return path;
}

/// False where another process holds the lock.
bool lock(int descriptor) { return ::flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK; }

/// True where `path` is the file that is open.
bool names(const std::filesystem::path& path, int descriptor) {
  struct stat named {};
  struct stat opened {};
  return ::stat(path.c_str(), &named) == 0 && ::fstat(descriptor, &opened) == 0 && named.st_dev == opened.st_dev &&
         named.st_ino == opened.st_ino;
}

Error being_written(const std::filesystem::path& path) {
  return Error(ErrorCode::unavailable, path.string(),
               "is being written by another process; wait for it to end, or write to another file");
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  std::error_code status;
  if (!std::filesystem::exists(path, status)) throw Error(ErrorCode::not_found, path.string(), "no such file");
  std::ifstream stream(path, std::ios::binary);
  if (!stream || std::filesystem::is_directory(path, status)) {
    throw Error(ErrorCode::unavailable, path.string(), "cannot be read");
  }
  std::string content;
  std::string chunk(std::min(limit + 1, kReadChunk), '\0');
  while (content.size() <= limit && stream) {
    stream.read(chunk.data(), static_cast<std::streamsize>(std::min(chunk.size(), limit + 1 - content.size())));
    content.append(chunk, 0, static_cast<std::size_t>(stream.gcount()));
  }
  if (content.size() > limit) {
    throw Error(ErrorCode::resource_exhausted, path.string(), fmt::format("larger than {} bytes", limit));
  }
  return content;
}

AtomicFile::AtomicFile(std::filesystem::path path) : path_(behind_links(std::move(path))), working_path_(path_) {
  struct stat status {};
  if (::stat(path_.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    if (S_ISDIR(status.st_mode)) throw Error(ErrorCode::unavailable, path_.string(), "is a folder, not a file");
    renames_ = false;
  } else {
    working_path_ += ".partial";
  }
  do {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = ::open(working_path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail("cannot be created");
  } while (renames_ && !claim());
  buffer_.reserve(kBufferBytes);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  if (renames_ && removes_partial_) ::unlink(working_path_.c_str());  // while the lock makes it ours
  ::close(descriptor_);
}

/// Locks and empties the partial file. False where the file was renamed into place before it was locked, so that the
/// name stands for another one by now. File systems without locks are trusted.
bool AtomicFile::claim() {
  if (!lock(descriptor_)) {
    ::close(std::exchange(descriptor_, -1));
    throw being_written(path_);
  }
  if (!names(working_path_, descriptor_)) return false;
  if (::ftruncate(descriptor_, 0) == 0) return true;
  const int error = errno;
  ::close(std::exchange(descriptor_, -1));
  throw output_error(path_.string(), "cannot be emptied", error);
}

void AtomicFile::write(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kBufferBytes) flush();
  if (bytes.size() > kBufferBytes) return write_through(bytes);
  buffer_.append(bytes);
}

void AtomicFile::write_at(std::uint64_t offset, std::string_view bytes) {
  flush();
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

void AtomicFile::flush() {
  write_through(buffer_);
  buffer_.clear();
}

void AtomicFile::sync() {
  flush();
  if (renames_ && ::fsync(descriptor_) != 0) fail("cannot be written");
}

void AtomicFile::commit() {
  sync();
  if (renames_ && ::rename(working_path_.c_str(), path_.c_str()) != 0) fail("cannot be renamed into place");
  if (::close(std::exchange(descriptor_, -1)) != 0) fail("cannot be written");
  if (renames_) sync_folder(path_.parent_path());
}

void AtomicFile::write_through(std::string_view bytes) {
  if (failed_) throw Error(ErrorCode::unavailable, path_.string(), "is incomplete: an earlier write failed");
  if (write_all(descriptor_, bytes) != 0) fail("cannot be written");
  start_write_back(bytes.size());
}

void AtomicFile::start_write_back(std::size_t written) {
  waiting_bytes_ += written;
  if (!renames_ || waiting_bytes_ < kWriteBackBytes) return;
  waiting_bytes_ = 0;
  ::sync_file_range(descriptor_, 0, 0, SYNC_FILE_RANGE_WRITE);  // what it fails at, `sync` will fail at too
}

void AtomicFile::fail(const char* action) {
  const int error = errno;
  failed_ = true;
  throw output_error(path_.string(), action, error);
}

void require_not_being_written(const std::filesystem::path& partial) {
  const int descriptor = ::open(partial.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;
  const bool free = lock(descriptor);
  ::close(descriptor);
  if (!free) throw being_written(partial);
}

bool natural_less(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a;
  const std::string_view whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const std::string_view number_a = take_number(a);
      const std::string_view number_b = take_number(b);
      if (number_a.size() != number_b.size()) return number_a.size() < number_b.size();
      if (number_a != number_b) return number_a < number_b;
      continue;
    }
    if (a.front() != b.front()) {
      return static_cast<unsigned char>(a.front()) < static_cast<unsigned char>(b.front());
    }
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  if (a.empty() != b.empty()) return a.empty();
  return whole_a < whole_b;
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

std::string to_valid_utf8(std::string_view bytes) {
  std::string valid;
  valid.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = utf8_character_length(bytes);
    if (length == 0) {
      valid += "\xEF\xBF\xBD";
      bytes.remove_prefix(1);
    } else {
      valid += bytes.substr(0, length);
      bytes.remove_prefix(length);
    }
  }
  return valid;
}

std::filesystem::path executable_folder() {
  std::error_code status;
  return std::filesystem::read_symlink("/proc/self/exe", status).parent_path();
}

std::filesystem::path library_folder() {
  static const char inside_the_library = 0;
  Dl_info info{};
  if (::dladdr(&inside_the_library, &info) == 0 || info.dli_fname == nullptr) {
    throw Error(ErrorCode::internal, "the folder of the vivace library is not known");
  }
  std::error_code status;
  const std::filesystem::path library = std::filesystem::canonical(info.dli_fname, status);
  return (status ? std::filesystem::path(info.dli_fname) : library).parent_path();
}

void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

void read_ahead(const std::filesystem::path& path) {
  constexpr off_t kMost = off_t{64} << 20;
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return;
  ::posix_fadvise(descriptor, 0, kMost, POSIX_FADV_WILLNEED);
  ::close(descriptor);
}

int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

Error output_error(const std::string& context, const std::string& action, int error) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return Error(full ? ErrorCode::resource_exhausted : ErrorCode::unavailable, context,
               fmt::format("{}: {}", action, std::strerror(error)));
}

void write_standard_output(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() && std::fflush(stdout) == 0) return;
  throw output_error("standard output", "cannot be written", errno);
}

}  // namespace vivace::base
