#pragma once

#include <chrono>

namespace vivace::library {

/// Seconds since 1970, as the columns `…_at` hold them. They are for people, and for what of two libraries is newer:
/// nothing else depends on the clock.
inline double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace vivace::library
