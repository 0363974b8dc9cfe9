#include "base/clock_time.hpp"

#include <fmt/format.h>

#include <cmath>

namespace vivace::base {

std::string clock_time(double seconds) {
  const long long total = std::llround(seconds);
  const long long hours = total / 3600;
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, total / 60 % 60, total % 60);
  return fmt::format("{}:{:02}", total / 60, total % 60);
}

}  // namespace vivace::base
