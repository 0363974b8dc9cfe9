#pragma once

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "bench/load.hpp"

namespace vivace::bench {

/// Sends requests for one thread and keeps what came of them. Not thread-safe: one a thread.
class LoadRecorder {
 public:
  /// Times of samples count from `begin`, a time of `clock`.
  LoadRecorder(Target& target, Clock& clock, double begin) : target_(target), clock_(clock), begin_(begin) {}

  double now() const { return clock_.now() - begin_; }

  /// Sends request `index` now. It was meant to be sent at `intended`, or where that is negative when it is.
  void send(std::size_t index, std::size_t samples, double intended, std::uint32_t stream);

  void give_up() { ++unsent_; }

  /// Puts all recorders together.
  static Measurement merge(const Target& target, std::vector<LoadRecorder> recorders);

 private:
  Target& target_;
  Clock& clock_;
  double begin_;
  std::deque<Sample> samples_;  // which grows without copies, so that its size is its memory
  std::array<double, kMostStages> stage_s_{};
  double audio_s_ = 0;
  std::size_t unsent_ = 0;
  std::string first_failure_;
};

}  // namespace vivace::bench
