#pragma once

#include <chrono>
#include <mutex>

namespace vivace::library {

/// How long workers have been at what they are at now. Safe from many threads.
class WorkersClock {
 public:
  using Clock = std::chrono::steady_clock;

  /// One stretch of work, from construction to destruction.
  class Stretch {
   public:
    explicit Stretch(WorkersClock& clock) : clock_(clock) { clock_.add(1, start_); }
    Stretch(const Stretch&) = delete;
    Stretch& operator=(const Stretch&) = delete;
    ~Stretch() { clock_.add(-1, start_); }

   private:
    WorkersClock& clock_;
    Clock::time_point start_ = Clock::now();
  };

  /// Seconds, summed over the stretches that have not ended.
  double under_way_s() const {
    const std::scoped_lock lock(mutex_);
    return at_work_ * since_origin(Clock::now()) - starts_s_;
  }

 private:
  double since_origin(Clock::time_point time) const { return std::chrono::duration<double>(time - origin_).count(); }

  void add(int sign, Clock::time_point start) {
    const std::scoped_lock lock(mutex_);
    at_work_ += sign;
    starts_s_ += sign * since_origin(start);
  }

  const Clock::time_point origin_ = Clock::now();
  mutable std::mutex mutex_;
  int at_work_ = 0;
  double starts_s_ = 0;
};

}  // namespace vivace::library
