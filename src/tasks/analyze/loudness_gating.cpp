#include "tasks/analyze/loudness_gating.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

namespace vivace::analyze {
namespace {

constexpr double kOffset = -0.691;     // LUFS
constexpr double kAbsoluteGate = -70;  // LUFS

double energy_of(double loudness) { return std::pow(10.0, (loudness - kOffset) / 10); }

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::vector<double> at_least(std::span<const double> values, double threshold) {
  std::vector<double> kept;
  std::copy_if(values.begin(), values.end(), std::back_inserter(kept), [&](double v) { return v >= threshold; });
  return kept;
}

/// The energies that pass the absolute gate and then the one `relative` LU beside their mean.
std::vector<double> gated(std::span<const double> blocks, double relative) {
  const std::vector<double> heard = at_least(blocks, energy_of(kAbsoluteGate));
  if (heard.empty()) return {};
  return at_least(heard, mean(heard) * std::pow(10.0, relative / 10));
}

double percentile(std::vector<double>& values, double share) {
  const auto index = static_cast<std::ptrdiff_t>(std::floor(share * static_cast<double>(values.size() - 1) + 0.5));
  std::nth_element(values.begin(), values.begin() + index, values.end());
  return values[static_cast<std::size_t>(index)];
}

}  // namespace

double loudness_of(double energy) { return kOffset + 10 * std::log10(energy); }

std::vector<double> sliding_means(std::span<const double> values, std::size_t length) {
  std::vector<double> means;
  for (std::size_t begin = 0; begin + length <= values.size(); ++begin) {
    const auto window = values.subspan(begin, length);
    means.push_back(std::accumulate(window.begin(), window.end(), 0.0) / static_cast<double>(length));
  }
  return means;
}

std::optional<double> integrated_loudness(std::span<const double> blocks) {
  const std::vector<double> kept = gated(blocks, -10);
  if (kept.empty()) return std::nullopt;
  return loudness_of(mean(kept));
}

std::optional<double> loudness_range(std::span<const double> blocks) {
  std::vector<double> kept = gated(blocks, -20);
  if (kept.empty()) return std::nullopt;
  const double low = percentile(kept, 0.10);
  return loudness_of(percentile(kept, 0.95)) - loudness_of(low);
}

}  // namespace vivace::analyze
