#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vivace::bench {

/// Letters of a text: code points of UTF-8.
std::size_t letters_of(std::string_view text);

/// A text of at most `letters`; a longer one is cut at a space where it has one, and ends with "…".
std::string shortened(const std::string& text, std::size_t letters);

/// At least three digits: "1.23", "12.3", "123", "1234".
std::string figure_text(double value);

/// A time with three digits or more and its unit: "812 ns", "1.23 ms", "45.6 s".
std::string duration_text(double seconds);

/// A time with its interval, all in its unit: "1.23 ms (1.20–1.26)".
std::string duration_text(double seconds, double low, double high);

/// "0.125/s", "812/s", "1.20 M/s".
std::string rate_text(double per_second);

/// Megabytes of 10^6 bytes: "64.1 MB".
std::string bytes_text(double bytes);

/// Three digits or more, with the unit's prefix: "812", "1.23 k", "45.6 M".
std::string count_text(double count);

/// What a load is asked for (see Run::found), with its unit: "p99: 3.90 ms", "most streams: 12".
std::string found_text(const std::string& name, double value);

}  // namespace vivace::bench
