#pragma once

#include <chrono>
#include <cstddef>

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
  explicit Checkpoint(const TrackLimits& limits) : limits_(limits) {}

  /// Rests as long as the share asks for. Throws Error(resource_exhausted) where a limit is passed.
  void pass();

  /// Seconds of work so far.
  double worked_s() const;
  /// Whether `pass` threw for memory, which other tracks may have taken.
  bool out_of_memory() const { return out_of_memory_; }

 private:
  using Clock = std::chrono::steady_clock;

  void rest();

  TrackLimits limits_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_rest_ = start_;
  Clock::time_point next_look_ = start_;
  double rested_s_ = 0;
  bool out_of_memory_ = false;
};

}  // namespace vivace::library
