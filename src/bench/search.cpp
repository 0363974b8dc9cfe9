#include "bench/search.hpp"

#include <algorithm>

namespace vivace::bench {
namespace {

constexpr double kMostHalvings = 0x1p-10;
constexpr double kMostDoublings = 0x1p20;

}  // namespace

std::size_t most_passing(const std::function<bool(std::size_t)>& passes, std::size_t most) {
  std::size_t passing = 0;
  std::size_t candidate = 1;
  while (passes(candidate)) {
    passing = candidate;
    if (candidate == most) return most;
    candidate = std::min(2 * candidate, most);
  }
  std::size_t failing = candidate;
  while (failing - passing > 1) {
    const std::size_t middle = passing + (failing - passing) / 2;
    (passes(middle) ? passing : failing) = middle;
  }
  return passing;
}

double largest_passing(double start, double tolerance, const std::function<bool(double)>& passes) {
  double passing = 0;
  double failing = 0;
  for (double value = start; failing == 0 && value <= start * kMostDoublings; value *= 2) {
    (passes(value) ? passing : failing) = value;
  }
  for (double value = start / 2; passing == 0 && value >= start * kMostHalvings; value /= 2) {
    (passes(value) ? passing : failing) = value;
  }
  if (passing == 0 || failing == 0) return passing;
  while (failing > passing * (1 + tolerance)) {
    const double middle = (passing + failing) / 2;
    (passes(middle) ? passing : failing) = middle;
  }
  return passing;
}

}  // namespace vivace::bench
