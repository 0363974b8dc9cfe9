#include "tasks/analyze/spectral_contrast.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/vectorised.hpp"
#include "dsp/extremes.hpp"

namespace vivace::analyze {
namespace {

constexpr float kDecibelFloor = 1e-10F;
constexpr float kDecibelRange = 80;

constexpr double kLeastMean = 1e-30;
constexpr double kLeastContrast = -1e6;

float decibels(float value) { return 10 * std::log10(std::max(value, kDecibelFloor)); }

VIVACE_VECTORISED dsp::LaneValues mean_of(std::span<const dsp::Lanes> values) {
  dsp::LaneFloats sum{};
  for (const auto& [value] : values) sum += value;
  return dsp::values_of(sum / static_cast<float>(values.size()));
}

double contrast(double highest, double lowest, double mean) {
  const double ratio = std::max(highest, kLeastMean) / std::max(lowest, kLeastMean);
  if (ratio <= 1) return -1;
  const double value = -std::pow(ratio, 1 / std::log(std::max(mean, kLeastMean)));
  return std::isfinite(value) ? std::max(value, kLeastContrast) : kLeastContrast;
}

std::span<const dsp::Lanes> band_of(std::span<const dsp::Lanes> magnitude, const ContrastBand& band) {
  return magnitude.subspan(band.first_bin, band.bins);
}

}  // namespace

LibrosaContrast::LibrosaContrast(int sample_rate)
    : bands_(librosa_contrast_bands(sample_rate)), decibels_(2 * kLibrosaContrastRows) {}

void LibrosaContrast::add(std::span<const dsp::Lanes> magnitude, std::size_t count) {
  std::array<std::array<float, 2 * kLibrosaContrastRows>, dsp::kLanes> frames;
  for (std::size_t row = 0; row < bands_.size(); ++row) {
    const dsp::Extremes extremes = dsp::mean_extremes(band_of(magnitude, bands_[row]), bands_[row].extremes);
    for (std::size_t lane = 0; lane < count; ++lane) {
      frames[lane][row] = decibels(extremes.highest[lane]);
      frames[lane][kLibrosaContrastRows + row] = decibels(extremes.lowest[lane]);
      highest_peak_ = std::max(highest_peak_, frames[lane][row]);
      highest_valley_ = std::max(highest_valley_, frames[lane][kLibrosaContrastRows + row]);
    }
  }
  for (std::size_t lane = 0; lane < count; ++lane) decibels_.add(frames[lane]);
}

std::vector<float> LibrosaContrast::finish() const {
  const float least_peak = highest_peak_ - kDecibelRange;
  const float least_valley = highest_valley_ - kDecibelRange;
  std::vector<float> contrasts;
  contrasts.reserve(decibels_.rows() * kLibrosaContrastRows);
  std::array<float, 2 * kLibrosaContrastRows> frame;
  for (std::size_t i = 0; i < decibels_.rows(); ++i) {
    decibels_.read(i, frame);
    for (std::size_t row = 0; row < kLibrosaContrastRows; ++row) {
      contrasts.push_back(std::max(frame[row], least_peak) - std::max(frame[kLibrosaContrastRows + row], least_valley));
    }
  }
  return contrasts;
}

std::vector<dsp::LaneValues> EssentiaContrast::rows(std::span<const dsp::Lanes> magnitude, float scale) const {
  std::vector<dsp::LaneValues> rows;
  for (const ContrastBand& band : bands_) {
    const dsp::Extremes extremes = dsp::mean_extremes(band_of(magnitude, band), band.extremes);
    const dsp::LaneValues mean = mean_of(band_of(magnitude, band));
    dsp::LaneValues& row = rows.emplace_back();
    for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) {
      row[lane] = static_cast<float>(
          contrast(scale * extremes.highest[lane], scale * extremes.lowest[lane], scale * mean[lane]));
    }
  }
  return rows;
}

}  // namespace vivace::analyze
