#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "library/memory_share.hpp"

namespace vivace::library {

/// What a track may take of the machine.
struct TrackLimits {
  double time_s = 0;             ///< of work, without rests; 0: no limit
  std::size_t memory_bytes = 0;  ///< that the whole process may hold while it is worked on; 0: no limit
  double cpu_share = 1;          ///< of the time that a worker works; it rests for the others. 0 < share <= 1
};

/// Keeps one track within its limits, where its worker passes by often. Not thread-safe.
class Checkpoint {
 public:
  /// `memory` outlives it.
  Checkpoint(const TrackLimits& limits, MemoryShare& memory)
      : limits_(limits), memory_(memory), track_(memory.begin()) {}
  Checkpoint(const Checkpoint&) = delete;
  Checkpoint& operator=(const Checkpoint&) = delete;
  ~Checkpoint() { memory_.end(track_); }

  /// Rests as long as the share asks for. Throws Error(resource_exhausted) where the limit of time is passed, or that
  /// of memory and this track is to give way.
  void pass();

  /// Seconds of work so far.
  double worked_s() const;
  /// Whether `pass` threw for memory, which other tracks may have taken.
  bool out_of_memory() const { return out_of_memory_; }

 private:
  using Clock = std::chrono::steady_clock;

  void rest();

  TrackLimits limits_;
  MemoryShare& memory_;
  std::uint64_t track_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_rest_ = start_;
  Clock::time_point next_look_ = start_;
  double rested_s_ = 0;
  bool out_of_memory_ = false;
};

}  // namespace vivace::library
