#include "bench/percentile.hpp"

#include <algorithm>
#include <cmath>

namespace vivace::bench {
namespace {

double log_choose(double n, double k) { return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1); }

double binomial_mass(double trials, double chance, double k) {
  return std::exp(log_choose(trials, k) + k * std::log(chance) + (trials - k) * std::log1p(-chance));
}

constexpr double kFewestAbove = 10;

}  // namespace

bool reaches_percentile(std::size_t values, double share) {
  return static_cast<double>(values) * (1 - share) >= kFewestAbove * (1 - 1e-9);
}

std::size_t values_to_reach(double share) {
  return static_cast<std::size_t>(std::ceil(kFewestAbove / (1 - share) - 1e-6));
}

double nearest_rank(std::span<const double> sorted, double share) {
  if (sorted.empty()) return 0;
  const double rank = std::ceil(share * static_cast<double>(sorted.size()) - 1e-9);
  const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return sorted[std::min(index, sorted.size() - 1)];
}

std::uint64_t binomial_quantile(std::uint64_t trials, double chance, double probability) {
  const auto n = static_cast<double>(trials);
  const double reach = 12 * std::sqrt(n * chance * (1 - chance)) + 40;  // what lies further out has no weight
  double k = std::max(0.0, std::floor(n * chance - reach));
  double mass = binomial_mass(n, chance, k);
  double below = mass;
  while (below < probability && k < n) {
    mass *= (n - k) / (k + 1) * chance / (1 - chance);
    ++k;
    below += mass;
    if (mass == 0) mass = binomial_mass(n, chance, k);
  }
  return static_cast<std::uint64_t>(k);
}

std::optional<Estimate> percentile(std::span<const double> sorted, double share, double confidence) {
  if (!reaches_percentile(sorted.size(), share)) return std::nullopt;
  const double outside = (1 - confidence) / 2;
  // Ranks count from 1: the true percentile is below the value of rank r with the chance that fewer than r are below
  // it.
  const std::uint64_t low = binomial_quantile(sorted.size(), share, outside);
  const std::uint64_t high = binomial_quantile(sorted.size(), share, 1 - outside) + 1;
  if (low < 1 || high > sorted.size()) return std::nullopt;
  return Estimate{nearest_rank(sorted, share), sorted[low - 1], sorted[high - 1]};
}

}  // namespace vivace::bench
