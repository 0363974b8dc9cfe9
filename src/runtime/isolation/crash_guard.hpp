#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>

#include "vivace/isolation.hpp"

namespace vivace::runtime {

/// Tells a crash from a crash loop: after `crash_limit` crashes within `crash_window` and without an answer in between,
/// requests are refused for the time of `cool_down`. Not thread-safe.
class CrashGuard {
 public:
  using Clock = std::chrono::steady_clock;

  explicit CrashGuard(const IsolationOptions& options) : options_(options) {}

  void count_answer() { crashes_.clear(); }
  void count_crash(Clock::time_point now, std::string how);

  /// When requests are taken again; nothing where they are taken now.
  std::optional<Clock::time_point> refused_until(Clock::time_point now) const;
  /// Why requests are refused.
  std::string reason(Clock::time_point now) const;

 private:
  IsolationOptions options_;
  std::deque<Clock::time_point> crashes_;  // within the window, since the last answer
  Clock::time_point refused_until_{};
  std::string last_;
};

/// What is waited before a worker is started again after `crashes` (at least 1) in a row.
std::chrono::milliseconds restart_delay(const IsolationOptions& options, std::size_t crashes);

}  // namespace vivace::runtime
