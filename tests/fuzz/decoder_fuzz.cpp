#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "media/decoder.hpp"
#include "vivace/error.hpp"

namespace {

/// The bytes as a file of their own, without a disk.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size) : descriptor_(memfd_create("fuzz", MFD_CLOEXEC)) {
    written_ = write(descriptor_, data, size) == static_cast<ssize_t>(size);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { close(descriptor_); }

  bool written() const { return written_; }
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
  bool written_ = false;
};

constexpr int kMostBlocks = 64;

}  // namespace

/// Any bytes are audio or an Error, and every block is as large as it says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryFile file(data, size);
  if (!file.written()) return 0;
  try {
    vivace::media::Decoder decoder(file.path());
    vivace::media::AudioBlock block;
    for (int i = 0; i < kMostBlocks && decoder.read(block); ++i) {
      if (block.samples.size() < block.channels * block.frames) __builtin_trap();
    }
  } catch (const vivace::Error&) {
  }
  return 0;
}
