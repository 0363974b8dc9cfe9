#include "model/part_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "vivace/error.hpp"

namespace vivace::model {

PartFile::PartFile(std::filesystem::path target) : target_(std::move(target)), path_(target_) {
  path_ += ".part";
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("cannot be created");
  const off_t end = ::lseek(descriptor_, 0, SEEK_END);
  if (end < 0) fail("cannot be read");
  size_ = static_cast<std::uint64_t>(end);
}

PartFile::~PartFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void PartFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(written));
    size_ += static_cast<std::uint64_t>(written);
  }
}

void PartFile::restart() {
  if (::ftruncate(descriptor_, 0) != 0) fail("cannot be emptied");
  size_ = 0;
}

void PartFile::publish() {
  if (::fsync(descriptor_) != 0) fail("cannot be written");
  if (::close(std::exchange(descriptor_, -1)) != 0) fail("cannot be written");
  if (::rename(path_.c_str(), target_.c_str()) != 0) fail("cannot be renamed into place");
}

void PartFile::fail(const char* action) const {
  const int error = errno;
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  throw Error(full ? ErrorCode::resource_exhausted : ErrorCode::unavailable, path_.string(),
              fmt::format("{}: {}", action, std::strerror(error)));
}

}  // namespace vivace::model
