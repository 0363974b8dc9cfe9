#pragma once

namespace vivace::bench {

/// Time as a load sees it. Safe from many threads.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Seconds since a moment that stays the same.
  virtual double now() const = 0;
  /// Returns when `now` is at least `time`.
  virtual void wait_until(double time) = 0;
};

/// The clock of the machine, which nobody sets.
Clock& machine_clock();

}  // namespace vivace::bench
