#include "base/seekable_file.hpp"

#include <algorithm>

namespace vivace::base {

bool SeekableFile::write(std::string_view bytes) noexcept {
  if (failed()) return false;
  try {
    const std::uint64_t inside = std::min<std::uint64_t>(bytes.size(), size_ - position_);
    if (inside > 0) file_.write_at(position_, bytes.substr(0, inside));
    file_.write(bytes.substr(inside));
    position_ += bytes.size();
    size_ = std::max(size_, position_);
    return true;
  } catch (...) {
    failure_ = std::current_exception();
    return false;
  }
}

bool SeekableFile::seek(std::uint64_t position) noexcept {
  if (position > size_) return false;
  position_ = position;
  return true;
}

void SeekableFile::rethrow() const {
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace vivace::base
