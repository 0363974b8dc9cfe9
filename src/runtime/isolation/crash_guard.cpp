#include "runtime/isolation/crash_guard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace vivace::runtime {

void CrashGuard::count_crash(Clock::time_point now, std::string how) {
  last_ = std::move(how);
  crashes_.push_back(now);
  while (crashes_.front() + options_.crash_window < now) crashes_.pop_front();
  if (crashes_.size() >= options_.crash_limit) refused_until_ = now + options_.cool_down;
}

std::optional<CrashGuard::Clock::time_point> CrashGuard::refused_until(Clock::time_point now) const {
  return now < refused_until_ ? std::optional(refused_until_) : std::nullopt;
}

std::string CrashGuard::reason(Clock::time_point now) const {
  const std::chrono::duration<double> left = refused_until_ - now;
  return fmt::format(
      "its worker processes crash again and again ({} times without an answer in between; the last {}); it is tried "
      "again in {:.1f} s",
      crashes_.size(), last_, std::max(left.count(), 0.0));
}

std::chrono::milliseconds restart_delay(const IsolationOptions& options, std::size_t crashes) {
  std::chrono::milliseconds delay = options.restart_delay;
  for (std::size_t i = 1; i < crashes && delay < options.longest_restart_delay; ++i) delay *= 2;
  return std::min(delay, options.longest_restart_delay);
}

}  // namespace vivace::runtime
