#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <limits>

namespace vivace::base {

/// When a file was changed last, in nanoseconds since 1970; times before 1678 and after 2261 are taken for the first or
/// last that such a number holds.
inline std::int64_t modification_ns(const struct stat& status) {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  using Limits = std::numeric_limits<std::int64_t>;
  const std::int64_t seconds = status.st_mtim.tv_sec;
  if (seconds >= Limits::max() / kNanoseconds) return Limits::max();
  if (seconds <= Limits::min() / kNanoseconds) return Limits::min();
  return seconds * kNanoseconds + status.st_mtim.tv_nsec;
}

}  // namespace vivace::base
