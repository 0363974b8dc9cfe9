// A file beside a library is not used, or searched without harm; nothing else may happen.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "library/nearest.hpp"
#include "library/nearest_file.hpp"

namespace {

constexpr std::size_t kNeighbours = 5;

/// A file without a name that holds these bytes, and a path that leads to it.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size) : descriptor_(memfd_create("fuzz", MFD_CLOEXEC)) {
    if (write(descriptor_, data, size) != static_cast<ssize_t>(size)) __builtin_trap();
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { close(descriptor_); }

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vivace::library;
  const MemoryFile file(data, size);
  const auto found = map_search_file(file.path(), "fuzz");
  if (!found) return 0;
  const std::vector<std::uint8_t> allowed(found->vectors.rows(), 1);
  const std::vector<float> query(found->vectors.dimension, 0.5F);
  nearest_exactly(found->vectors, query, kNeighbours, allowed);
  nearest_by_codes(found->vectors, found->basis, found->codes, query, kNeighbours, allowed);
  return 0;
}
