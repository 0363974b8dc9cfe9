#include "page/scale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace vivace::page {
namespace {

constexpr int kMostSteps = 7;
constexpr double kTolerance = 1e-9;
/// Twelve decades are more than any measurement has.
constexpr double kWidestRatio = 1e12;

/// The smallest of 1, 2 and 5 times a power of ten that divides `range` into at most kMostSteps.
double round_step(double range) {
  const double power = std::pow(10, std::floor(std::log10(range / kMostSteps)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (range / (factor * power) <= kMostSteps) return factor * power;
  }
  return 10 * power;
}

/// `factors` times every power of ten from the last not above `low` to the first not below `high`.
std::vector<double> multiples_of_powers(double low, double high, const std::vector<double>& factors) {
  std::vector<double> all;
  const int first = static_cast<int>(std::floor(std::log10(low))) - 1;
  const int last = static_cast<int>(std::ceil(std::log10(high))) + 1;
  for (int power = first; power <= last; ++power) {
    for (const double factor : factors) all.push_back(factor * std::pow(10, power));
  }
  const auto begin = std::prev(std::upper_bound(all.begin(), all.end(), low * (1 + kTolerance)));
  const auto end = std::next(std::lower_bound(all.begin(), all.end(), high * (1 - kTolerance)));
  return {begin, std::max(end, begin + 2)};
}

std::pair<double, const char*> seconds_prefix(double seconds) {
  if (seconds < 0.9995e-6) return {1e9, "ns"};
  if (seconds < 0.9995e-3) return {1e6, "µs"};
  if (seconds < 0.9995) return {1e3, "ms"};
  return {1, "s"};
}

std::string count_tick(double value) {
  if (value >= 0.9995e6) return fmt::format("{:g} M", value / 1e6);
  if (value >= 0.9995e4) return fmt::format("{:g} k", value / 1e3);
  return fmt::format("{:g}", value);
}

}  // namespace

std::string tick_text(double value, Unit unit) {
  if (unit == Unit::percent) return fmt::format("{:g} %", 100 * value);
  if (value == 0) return "0";
  if (unit != Unit::seconds) return count_tick(value);
  const auto [factor, name] = seconds_prefix(value);
  return fmt::format("{:g} {}", value * factor, name);
}

Scale Scale::linear(double low, double high) {
  if (!(high - low > kTolerance * std::abs(high))) high = low == 0 ? 1 : low + std::abs(low);
  const double step = round_step(high - low);
  const double first = std::floor(low / step + kTolerance);
  const double last = std::ceil(high / step - kTolerance);
  std::vector<double> ticks;
  for (double i = first; i <= last; ++i) ticks.push_back(i * step);
  return {std::move(ticks), false};
}

Scale Scale::logarithmic(double low, double high) {
  high = std::min(std::max(high, low), low * kWidestRatio);
  const bool is_wide = high / low > 300;
  return {multiples_of_powers(low, high, is_wide ? std::vector<double>{1} : std::vector<double>{1, 2, 5}), true};
}

double Scale::place(double value) const {
  const double low = ticks_.front();
  const double high = ticks_.back();
  const double place =
      is_logarithmic_ ? std::log(std::max(value, low) / low) / std::log(high / low) : (value - low) / (high - low);
  return std::clamp(place, 0.0, 1.0);
}

}  // namespace vivace::page
