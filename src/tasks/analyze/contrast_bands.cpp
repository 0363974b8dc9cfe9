#include "tasks/analyze/contrast_bands.hpp"

#include <algorithm>
#include <cmath>

#include "tasks/analyze/spectra.hpp"

namespace vivace::analyze {
namespace {

constexpr std::size_t kLibrosaBands = 7;
constexpr double kLowestOctaveHz = 200;
constexpr double kQuantile = 0.02;

constexpr int kEssentiaBands = 6;
constexpr double kLowHz = 20;
constexpr double kHighHz = 11000;
constexpr double kEvenShare = 0.15;
constexpr double kNeighbourRatio = 0.4;

/// The bins of low_hz … high_hz, both included, and the one before them; the last bin of a band counts for the quantile
/// only, but in the highest band, which goes on to the last bin.
ContrastBand librosa_band(double low_hz, double high_hz, double bin_hz, std::size_t index) {
  const auto first = static_cast<std::size_t>(std::ceil(low_hz / bin_hz));
  const bool highest = index + 1 == kLibrosaBands;
  const auto end = highest ? kBins : static_cast<std::size_t>(std::floor(high_hz / bin_hz)) + 1;
  if (first >= end) return {};
  const std::size_t begin = index == 0 ? first : first - 1;
  const std::size_t counted = end - begin;
  const double extremes = std::nearbyint(kQuantile * static_cast<double>(counted));
  return {begin, highest ? counted : counted - 1, std::max<std::size_t>(1, static_cast<std::size_t>(extremes))};
}

std::size_t rounded(double value) { return static_cast<std::size_t>(std::floor(value + 0.5)); }

}  // namespace

std::vector<ContrastBand> librosa_contrast_bands(int sample_rate) {
  std::vector<ContrastBand> bands;
  const double bin_hz = static_cast<double>(sample_rate) / kFrame;
  double low_hz = 0;
  double high_hz = kLowestOctaveHz;
  for (std::size_t i = 0; i < kLibrosaBands; ++i) {
    if (2 * low_hz >= sample_rate) return {};
    bands.push_back(librosa_band(low_hz, high_hz, bin_hz, i));
    if (bands.back().bins < bands.back().extremes || bands.back().bins == 0) return {};
    low_hz = high_hz;
    high_hz *= 2;
  }
  return bands;
}

std::vector<ContrastBand> essentia_contrast_bands(int sample_rate) {
  const double bin_hz = static_cast<double>(sample_rate) / kFrame;
  const double low = kLowHz / bin_hz;
  const auto high = static_cast<double>(rounded(std::min(kHighHz, sample_rate / 2.0) / bin_hz));
  const std::size_t even_bins = rounded(kEvenShare * high / kEssentiaBands);
  const double step = std::pow((1 - kEvenShare) * high / low, 1.0 / kEssentiaBands);
  std::vector<ContrastBand> bands;
  std::size_t begin = rounded(low);
  double edge = low;
  for (int i = 0; i < kEssentiaBands; ++i) {
    const std::size_t bins = rounded(edge * step) - rounded(edge) + even_bins;
    edge *= step;
    const std::size_t present = std::min(bins, kBins - begin);
    bands.push_back(
        {begin, present, std::max<std::size_t>(1, rounded(kNeighbourRatio * static_cast<double>(present)))});
    begin += present;
  }
  return bands;
}

}  // namespace vivace::analyze
