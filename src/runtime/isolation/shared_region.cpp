#include "runtime/isolation/shared_region.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

constexpr std::size_t kSmallestRegion = 65536;
constexpr std::uint64_t kUsesUntilFreed = 64;
constexpr std::size_t kMostWaste = 4;  // a region is used for tensors of at least this part of its size
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

[[noreturn]] void fail(std::size_t bytes, const char* action, int error) {
  throw Error(ErrorCode::resource_exhausted, "isolation",
              fmt::format("{} bytes of shared memory {}: {}", bytes, action, std::strerror(error)));
}

/// What the system would only find out by running out of it.
std::size_t machine_memory() {
  struct sysinfo info {};
  return ::sysinfo(&info) == 0 ? static_cast<std::size_t>(info.totalram) * info.mem_unit : 0;
}

/// In steps of a quarter of a power of two, so that tensors of similar sizes use the same regions.
std::size_t rounded(std::size_t bytes) {
  if (bytes <= kSmallestRegion) return kSmallestRegion;
  const std::size_t step = std::bit_floor(bytes - 1) / 4;
  return (bytes + step - 1) / step * step;
}

}  // namespace

SharedRegion::SharedRegion(std::size_t bytes) : file_(::memfd_create("vivace", MFD_CLOEXEC | MFD_ALLOW_SEALING)) {
  if (!file_) fail(bytes, "cannot be had", errno);
  if (bytes > machine_memory()) fail(bytes, "are more than this machine has", ENOMEM);
  if (const int error = ::posix_fallocate(file_.get(), 0, static_cast<off_t>(bytes))) {
    fail(bytes, "cannot be had", error);
  }
  if (::fcntl(file_.get(), F_ADD_SEALS, kSeals) != 0) fail(bytes, "cannot be sealed", errno);
  map(file_.get(), bytes);
}

SharedRegion::SharedRegion(const Descriptor& file, std::size_t bytes) {
  struct stat facts {};
  const int seals = ::fcntl(file.get(), F_GET_SEALS);
  if (seals < 0 || (seals & F_SEAL_SHRINK) == 0 || ::fstat(file.get(), &facts) != 0 ||
      static_cast<std::size_t>(facts.st_size) != bytes || bytes == 0) {
    throw Error(ErrorCode::corrupt_data, "shared memory", "is not what the message says");
  }
  map(file.get(), bytes);
}

SharedRegion::SharedRegion(SharedRegion&& other) noexcept
    : file_(std::move(other.file_)), memory_(std::exchange(other.memory_, {})) {}

SharedRegion::~SharedRegion() {
  if (!memory_.empty()) ::munmap(memory_.data(), memory_.size());
}

void SharedRegion::map(int file, std::size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
  if (memory == MAP_FAILED) fail(bytes, "cannot be mapped", errno);
  memory_ = {static_cast<std::byte*>(memory), bytes};
}

RegionPool::Lease RegionPool::take(std::size_t bytes) {
  std::unique_ptr<PooledRegion> region = reuse(bytes);
  if (!region) {
    region = std::make_unique<PooledRegion>(PooledRegion{SharedRegion(rounded(bytes))});
    const std::scoped_lock lock(mutex_);
    region->id = next_id_++;
  }
  return {region.release(), [pool = weak_from_this()](PooledRegion* used) {
            std::unique_ptr<PooledRegion> owned(used);
            if (const auto alive = pool.lock()) alive->give_back(std::move(owned));
          }};
}

std::vector<std::uint64_t> RegionPool::take_freed() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(freed_, {});
}

std::size_t RegionPool::idle_bytes() const {
  const std::scoped_lock lock(mutex_);
  std::size_t bytes = 0;
  for (const auto& region : idle_) bytes += region->memory.bytes().size();
  return bytes;
}

/// The smallest region that has room; nothing where none has, or only far too large ones.
std::unique_ptr<PooledRegion> RegionPool::reuse(std::size_t bytes) {
  const std::scoped_lock lock(mutex_);
  ++taken_;
  const auto size = [](const std::unique_ptr<PooledRegion>& region) { return region->memory.bytes().size(); };
  auto best = idle_.end();
  for (auto region = idle_.begin(); region != idle_.end(); ++region) {
    if (size(*region) < bytes || size(*region) > kMostWaste * rounded(bytes)) continue;
    if (best == idle_.end() || size(*region) < size(*best)) best = region;
  }
  std::unique_ptr<PooledRegion> found;
  if (best != idle_.end()) {
    found = std::move(*best);
    idle_.erase(best);
  }
  free_unused();
  return found;
}

void RegionPool::free_unused() {
  std::erase_if(idle_, [this](const std::unique_ptr<PooledRegion>& region) {
    if (region->last_use + kUsesUntilFreed > taken_) return false;
    if (region->announced) freed_.push_back(region->id);
    return true;
  });
}

void RegionPool::give_back(std::unique_ptr<PooledRegion> region) noexcept {
  const std::scoped_lock lock(mutex_);
  region->last_use = taken_;
  try {
    idle_.push_back(std::move(region));
  } catch (const std::bad_alloc&) {
    region.reset();  // the other process keeps it until it ends
  }
}

}  // namespace vivace::runtime
