#include "library/time_left.hpp"

#include <algorithm>

namespace vivace::library {
namespace {

// A file costs about as much as this many bytes more: opening it, writing its results.
constexpr double kBytesPerFile = 16384;

double weight(std::int64_t files, std::int64_t bytes) {
  return static_cast<double>(bytes) + kBytesPerFile * static_cast<double>(files);
}

}  // namespace

void TimeLeft::expect(const std::string& kind, std::int64_t bytes) {
  ++kinds_[kind].left_files;
  kinds_[kind].left_bytes += bytes;
}

void TimeLeft::done(const std::string& kind, std::int64_t bytes, double busy_s) {
  Kind& known = kinds_[kind];
  --known.left_files;
  known.left_bytes -= bytes;
  ++known.files;
  known.bytes += bytes;
  known.busy_s += busy_s;
}

void TimeLeft::done_elsewhere(const std::string& kind, std::int64_t bytes) {
  Kind& known = kinds_[kind];
  --known.left_files;
  known.left_bytes -= bytes;
  ++known.elsewhere_files;
  known.elsewhere_bytes += bytes;
}

std::optional<double> TimeLeft::seconds(double wall_s, double under_way_s) const {
  double all_weight = 0;
  double all_busy_s = 0;
  for (const auto& [name, kind] : kinds_) {
    all_weight += weight(kind.files, kind.bytes);
    all_busy_s += kind.busy_s;
  }
  if (all_weight == 0 || all_busy_s == 0 || wall_s <= 0) return std::nullopt;
  double left_s = -under_way_s;
  double elsewhere_s = 0;
  for (const auto& [name, kind] : kinds_) {
    const double own_weight = weight(kind.files, kind.bytes);
    const double cost = own_weight > 0 ? kind.busy_s / own_weight : all_busy_s / all_weight;
    left_s += cost * weight(kind.left_files, kind.left_bytes);
    elsewhere_s += cost * weight(kind.elsewhere_files, kind.elsewhere_bytes);
  }
  const double speed = (all_busy_s + under_way_s + elsewhere_s) / wall_s;
  return std::max(left_s, 0.0) / speed;
}

}  // namespace vivace::library
