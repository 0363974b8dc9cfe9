#pragma once

#include <chrono>
#include <cstddef>

namespace vivace::cli {

/// The progress line of a job over many tracks: bar, counts, rates and time left. Not thread-safe.
class JobProgress {
 public:
  explicit JobProgress(std::size_t total, bool shown);
  JobProgress(const JobProgress&) = delete;
  JobProgress& operator=(const JobProgress&) = delete;
  ~JobProgress();

  /// One more track is through; `audio_s` seconds of audio were decoded for it.
  void advance(double audio_s, bool failed);

 private:
  using Clock = std::chrono::steady_clock;
  void show();

  std::size_t total_;
  bool shown_;
  std::size_t done_ = 0;
  std::size_t failed_ = 0;
  double audio_s_ = 0;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_shown_{};
};

}  // namespace vivace::cli
