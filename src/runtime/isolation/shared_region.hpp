#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "runtime/isolation/descriptor.hpp"

namespace vivace::runtime {

/// Memory that processes share: a file without a name, of a size that is sealed, so that no process can take it from
/// under another. Unmapped at its end; the memory lives while any process maps it.
class SharedRegion {
 public:
  /// New memory, zeros. Throws Error(resource_exhausted).
  explicit SharedRegion(std::size_t bytes);
  /// Memory of another process. Throws Error: corrupt_data (not sealed, or not of `bytes` bytes), resource_exhausted.
  SharedRegion(const Descriptor& file, std::size_t bytes);
  SharedRegion(SharedRegion&& other) noexcept;
  SharedRegion& operator=(SharedRegion&&) = delete;
  ~SharedRegion();

  std::span<std::byte> bytes() const { return memory_; }
  /// Of the file, until `close`; only where this process made it.
  int descriptor() const { return file_.get(); }
  void close() { file_.reset(); }

 private:
  void map(int file, std::size_t bytes);

  Descriptor file_;
  std::span<std::byte> memory_;
};

/// A region of a pool, with its number there.
struct PooledRegion {
  SharedRegion memory;
  std::uint64_t id = 0;
  bool announced = false;      ///< whether the other process knows it
  std::uint64_t last_use = 0;  ///< counted in regions taken
};

/// The regions that one worker process shares with its session. Those that come back are used again; those that are
/// not wanted for a while are freed. Safe from many threads.
class RegionPool : public std::enable_shared_from_this<RegionPool> {
 public:
  using Lease = std::shared_ptr<PooledRegion>;

  /// A region of at least `bytes` bytes, which goes back when the last copy of the lease is gone, and may outlive the
  /// pool. Throws Error(resource_exhausted).
  Lease take(std::size_t bytes);

  /// The numbers of regions that were freed since the last call and that the other process knows.
  std::vector<std::uint64_t> take_freed();

  /// Bytes of the regions that wait to be used again.
  std::size_t idle_bytes() const;

 private:
  void give_back(std::unique_ptr<PooledRegion> region) noexcept;
  void free_unused();
  std::unique_ptr<PooledRegion> reuse(std::size_t bytes);

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<PooledRegion>> idle_;
  std::vector<std::uint64_t> freed_;
  std::uint64_t taken_ = 0;
  std::uint64_t next_id_ = 1;
};

}  // namespace vivace::runtime
