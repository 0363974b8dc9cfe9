#include "bench/wording.hpp"

#include <fmt/format.h>

#include <cmath>

namespace vivace::bench {
namespace {

/// At least three digits: 1.23, 12.3, 123, 1234.
std::string three_digits(double value) {
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size < 0.0995) return fmt::format("{:.3g}", value);
  if (size < 9.995) return fmt::format("{:.2f}", value);
  if (size < 99.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

}  // namespace

std::string duration_text(double seconds) {
  const double size = std::abs(seconds);
  if (size == 0) return "0 s";
  if (size < 0.9995e-6) return three_digits(seconds * 1e9) + " ns";
  if (size < 0.9995e-3) return three_digits(seconds * 1e6) + " µs";
  if (size < 0.9995) return three_digits(seconds * 1e3) + " ms";
  return three_digits(seconds) + " s";
}

std::string count_text(double count) {
  const double size = std::abs(count);
  if (size < 9999.5) return three_digits(count);
  if (size < 999.5e3) return three_digits(count / 1e3) + " k";
  if (size < 999.5e6) return three_digits(count / 1e6) + " M";
  return three_digits(count / 1e9) + " G";
}

std::string rate_text(double per_second) { return count_text(per_second) + "/s"; }

std::string bytes_text(double bytes) { return three_digits(bytes / 1e6) + " MB"; }

}  // namespace vivace::bench
