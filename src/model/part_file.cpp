#include "model/part_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/files.hpp"

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
  if (base::write_all(descriptor_, bytes) != 0) fail("cannot be written");
  size_ += bytes.size();
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

void PartFile::fail(const char* action) const { throw base::output_error(path_.string(), action, errno); }

}  // namespace vivace::model
