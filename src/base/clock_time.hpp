#pragma once

#include <string>

namespace vivace::base {

/// "1:02:03" or "4:05".
std::string clock_time(double seconds);

}  // namespace vivace::base
