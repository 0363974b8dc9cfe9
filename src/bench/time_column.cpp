#include "bench/time_column.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace vivace::bench {
namespace {

/// The least that is above 0 of what a column shows.
double smallest_of(const TimeColumn& column) {
  double smallest = std::numeric_limits<double>::infinity();
  for (const std::optional<Estimate>& time : column.times) {
    if (!time) continue;
    const double least = column.has_intervals ? std::min(time->low, time->value) : time->value;
    if (least > 0) smallest = std::min(smallest, least);
  }
  return smallest;
}

int decimals_of(double smallest) {
  constexpr double kMostDecimals = 4;
  constexpr double kHalfOfLastDigit = 1.0005;  // 9.996 is told as 10.0
  if (!std::isfinite(smallest)) return 0;
  return static_cast<int>(std::clamp(2 - std::floor(std::log10(smallest * kHalfOfLastDigit)), 0.0, kMostDecimals));
}

}  // namespace

TimeScale scale_of(const std::vector<TimeColumn>& columns) {
  constexpr double kBrief = 1e-4;  // seconds
  const auto is_brief = [](const std::optional<Estimate>& time) { return !time || time->value < kBrief; };
  const bool all_are_brief = std::all_of(columns.begin(), columns.end(), [&](const TimeColumn& column) {
    return std::all_of(column.times.begin(), column.times.end(), is_brief);
  });
  return all_are_brief ? TimeScale{1e6, "µs"} : TimeScale{1e3, "ms"};
}

std::vector<std::string> cells_of(const TimeColumn& column, const TimeScale& scale) {
  const int decimals = decimals_of(smallest_of(column) * scale.per_second);
  const auto text = [&](double seconds) { return fmt::format("{:.{}f}", seconds * scale.per_second, decimals); };
  std::vector<std::string> cells;
  for (const std::optional<Estimate>& time : column.times) {
    std::string cell = time ? text(time->value) : "-";
    if (time && column.has_intervals) cell += fmt::format(" ({}–{})", text(time->low), text(time->high));
    cells.push_back(std::move(cell));
  }
  return cells;
}

}  // namespace vivace::bench
