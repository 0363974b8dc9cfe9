#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>

namespace vivace::library {

/// The tracks under way in a process whose memory has a limit. Where it is met, only the one that was begun last gives
/// way, so that the others get on. Safe from many threads.
class MemoryShare {
 public:
  /// Of the whole process; 0: no limit.
  explicit MemoryShare(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}

  /// A number for a track that begins, and its end, when what it held is free again.
  std::uint64_t begin();
  void end(std::uint64_t track);

  /// Whether the process holds more than the limit, and no other track is to give way.
  bool must_give_way(std::uint64_t track) const;

  /// Waits until there seems to be room for one more track like those under way, but lets a number of tracks end before
  /// it believes that; or until none is under way.
  void wait_for_room() const;

 private:
  std::uint64_t ended() const;
  bool has_room(std::uint64_t least_ended) const;

  std::size_t limit_bytes_;
  mutable std::mutex mutex_;
  std::uint64_t next_ = 0;
  std::uint64_t ended_ = 0;
  std::set<std::uint64_t> under_way_;
};

}  // namespace vivace::library
