#include "bench/wording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>

namespace vivace::bench {
namespace {

bool begins_letter(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

struct TimeUnit {
  double per_second = 1;
  const char* name = "";
};

/// The unit in which a time has one to three digits before its point.
const TimeUnit& unit_of(double seconds) {
  static constexpr TimeUnit kUnits[] = {{1e9, " ns"}, {1e6, " µs"}, {1e3, " ms"}, {1, " s"}};
  constexpr double kBelow[] = {0.9995e-6, 0.9995e-3, 0.9995};  // of all but the last
  const double size = std::abs(seconds);
  for (std::size_t i = 0; i < std::size(kBelow); ++i) {
    if (size < kBelow[i]) return kUnits[i];
  }
  return kUnits[std::size(kBelow)];
}

}  // namespace

std::size_t letters_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_letter));
}

std::string shortened(const std::string& text, std::size_t letters) {
  if (letters_of(text) <= letters) return text;
  std::size_t end = 0;
  for (std::size_t seen = 0; seen < letters; ++end) seen += begins_letter(text[end]) ? 1 : 0;
  const std::size_t space = text.rfind(' ', end - 1);
  const bool cuts_little = space != std::string::npos && space >= end / 2;
  return text.substr(0, cuts_little ? space : end - 1) + "…";
}

std::string figure_text(double value) {
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size < 0.0995) return fmt::format("{:.3g}", value);
  if (size < 9.995) return fmt::format("{:.2f}", value);
  if (size < 99.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

std::string duration_text(double seconds) {
  if (seconds == 0) return "0 s";
  const TimeUnit& unit = unit_of(seconds);
  return figure_text(seconds * unit.per_second) + unit.name;
}

std::string duration_text(double seconds, double low, double high) {
  const double per_second = unit_of(seconds).per_second;
  return fmt::format("{} ({}–{})", duration_text(seconds), figure_text(low * per_second),
                     figure_text(high * per_second));
}

std::string count_text(double count) {
  const double size = std::abs(count);
  if (size < 9999.5) return figure_text(count);
  if (size < 999.5e3) return figure_text(count / 1e3) + " k";
  if (size < 999.5e6) return figure_text(count / 1e6) + " M";
  return figure_text(count / 1e9) + " G";
}

std::string rate_text(double per_second) { return count_text(per_second) + "/s"; }

std::string bytes_text(double bytes) { return figure_text(bytes / 1e6) + " MB"; }

std::string found_text(const std::string& name, double value) {
  if (name == "samples_per_s") return "samples a second: " + figure_text(value);
  if (name == "late_share") return "late: " + figure_text(100 * value) + " %";
  if (name == "most_streams") return fmt::format("most streams: {:.0f}", value);
  if (name == "peak_rate_hz") return "peak rate: " + rate_text(value);
  if (name.ends_with("_s")) return name.substr(0, name.size() - 2) + ": " + duration_text(value);
  return fmt::format("{}: {:.4g}", name, value);
}

}  // namespace vivace::bench
