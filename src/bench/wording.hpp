#pragma once

#include <string>

namespace vivace::bench {

/// A time with three digits or more and its unit: "812 ns", "1.23 ms", "45.6 s".
std::string duration_text(double seconds);

/// "0.125/s", "812/s", "1.20 M/s".
std::string rate_text(double per_second);

/// Megabytes of 10^6 bytes: "64.1 MB".
std::string bytes_text(double bytes);

/// Three digits or more, with the unit's prefix: "812", "1.23 k", "45.6 M".
std::string count_text(double count);

}  // namespace vivace::bench
