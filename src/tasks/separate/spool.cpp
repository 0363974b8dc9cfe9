#include "tasks/separate/spool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "base/files.hpp"

namespace vivace::separate {
namespace {

constexpr std::size_t kBlockFrames = 16384;

}  // namespace

Spool::Spool(const std::filesystem::path& folder) : folder_(folder) {
  descriptor_ = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor_ >= 0) return;
  // Not every file system has files without names.
  std::string name = (folder / ".vivace-XXXXXX").string();
  descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor_ < 0) throw base::output_error(folder.string(), "no file can be made there", errno);
  ::unlink(name.c_str());
}

Spool::~Spool() { ::close(descriptor_); }

void Spool::write(std::span<const float> left, std::span<const float> right) {
  interleaved_.clear();
  for (std::size_t i = 0; i < left.size(); ++i) {
    interleaved_.push_back(left[i]);
    interleaved_.push_back(right[i]);
  }
  const std::string_view bytes(reinterpret_cast<const char*>(interleaved_.data()), interleaved_.size() * sizeof(float));
  if (const int error = base::write_all(descriptor_, bytes)) {
    throw base::output_error(folder_.string(), "stems cannot be kept there", error);
  }
}

Spool::Block Spool::read() {
  interleaved_.resize(2 * kBlockFrames);
  const std::size_t wanted = interleaved_.size() * sizeof(float);
  const ssize_t got = ::pread(descriptor_, interleaved_.data(), wanted, position_);
  if (got < 0) throw base::output_error(folder_.string(), "what was kept there cannot be read", errno);
  constexpr std::size_t kFrameBytes = 2 * sizeof(float);
  const std::size_t frames = static_cast<std::size_t>(got) / kFrameBytes;
  position_ += static_cast<std::int64_t>(frames * kFrameBytes);
  Block block;
  for (std::size_t i = 0; i < frames; ++i) {
    block.left.push_back(interleaved_[2 * i]);
    block.right.push_back(interleaved_[2 * i + 1]);
  }
  return block;
}

}  // namespace vivace::separate
