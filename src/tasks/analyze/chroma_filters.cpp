#include "tasks/analyze/chroma_filters.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/vectorised.hpp"
#include "tasks/analyze/spectra.hpp"

namespace vivace::analyze {
namespace {

constexpr double kA0Hz = 27.5;
constexpr double kCentreOctave = 5;
constexpr double kOctaveWidth = 2;
constexpr double kZeroBelowFirst = 18;  // semitones from the first bin to where that of 0 Hz is taken to be
constexpr std::size_t kAAboveC = 9;

/// Semitones above A0 of a bin.
double semitones(std::size_t bin, int sample_rate, double tuning) {
  if (bin == 0) return semitones(1, sample_rate, tuning) - kZeroBelowFirst;
  const double hz = static_cast<double>(bin) * sample_rate / kFrame;
  return kPitchClasses * std::log2(hz / kA0Hz) - tuning;
}

/// The distance from a pitch class, -6 … 6 semitones.
double distance(double semitones, std::size_t from) {
  const double offset = semitones - static_cast<double>(from);
  return offset - kPitchClasses * std::round(offset / kPitchClasses);
}

/// The weights of one bin, A first.
std::array<double, kPitchClasses> bumps(double semitones, double width) {
  std::array<double, kPitchClasses> weights;
  double squares = 0;
  for (std::size_t i = 0; i < kPitchClasses; ++i) {
    const double deviations = 2 * distance(semitones, i) / width;
    weights[i] = std::exp(-0.5 * deviations * deviations);
    squares += weights[i] * weights[i];
  }
  const double octaves = (semitones / kPitchClasses - kCentreOctave) / kOctaveWidth;
  const double scale = std::exp(-0.5 * octaves * octaves) / std::sqrt(squares);
  for (double& weight : weights) weight *= scale;
  return weights;
}

}  // namespace

std::vector<float> chroma_filters(int sample_rate, double tuning) {
  std::vector<float> filters(kPitchClasses * kBins);
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    const double here = semitones(bin, sample_rate, tuning);
    const double width = std::max(1.0, semitones(bin + 1, sample_rate, tuning) - here);
    const auto weights = bumps(here, width);
    for (std::size_t i = 0; i < kPitchClasses; ++i) {
      filters[(i + kAAboveC) % kPitchClasses * kBins + bin] = static_cast<float>(weights[i]);
    }
  }
  return filters;
}

VIVACE_VECTORISED void normalise_classes(std::span<dsp::Lanes> classes) {
  dsp::LaneFloats highest{};
  for (const auto& [value] : classes) highest = value > highest ? value : highest;
  const dsp::LaneFloats divisor = highest >= std::numeric_limits<float>::min() ? highest : 1.0F;
  for (auto& [value] : classes) value /= divisor;
}

}  // namespace vivace::analyze
