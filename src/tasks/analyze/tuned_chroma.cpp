#include "tasks/analyze/tuned_chroma.hpp"

#include <algorithm>
#include <array>
#include <cmath>
namespace vivace::analyze {
namespace {

constexpr std::size_t kNeighbours = 4;

/// The weights of four equidistant points in the cubic polynomial through them, at `position`; the first one is at 0.
std::array<double, kNeighbours> cubic_weights(double position) {
  std::array<double, kNeighbours> weights;
  for (std::size_t i = 0; i < kNeighbours; ++i) {
    weights[i] = 1;
    for (std::size_t k = 0; k < kNeighbours; ++k) {
      if (k == i) continue;
      weights[i] *= (position - static_cast<double>(k)) / (static_cast<double>(i) - static_cast<double>(k));
    }
  }
  return weights;
}

}  // namespace

TunedChroma::TunedChroma(std::size_t points, bool keep_frames)
    : step_(1.0 / static_cast<double>(points - 1)),
      keep_frames_(keep_frames),
      sums_(points * kPitchClasses),
      squares_(points * kPitchClasses) {}

void TunedChroma::add(std::span<dsp::Lanes> chroma, std::size_t count) {
  for (std::size_t row = 0; row < rows(); row += kPitchClasses) normalise_classes(chroma.subspan(row, kPitchClasses));
  for (std::size_t row = 0; row < rows(); ++row) {
    for (std::size_t lane = 0; lane < count; ++lane) {
      const double value = chroma[row].values[lane];
      sums_[row] += value;
      squares_[row] += value * value;
    }
  }
  frames_ += count;
  for (std::size_t lane = 0; keep_frames_ && lane < count; ++lane) {
    for (const auto& [values] : chroma) kept_.push_back(values[lane]);
  }
}

std::vector<float> TunedChroma::interpolated(double tuning, std::span<const double> rows) const {
  const double position = (tuning + 0.5) / step_;
  const std::size_t last_first = rows.size() / kPitchClasses - kNeighbours;
  const double first = std::clamp(std::floor(position) - 1, 0.0, static_cast<double>(last_first));
  const auto weights = cubic_weights(position - first);
  std::vector<double> classes(kPitchClasses);
  for (std::size_t i = 0; i < kNeighbours; ++i) {
    const auto neighbour = rows.subspan((static_cast<std::size_t>(first) + i) * kPitchClasses, kPitchClasses);
    for (std::size_t k = 0; k < kPitchClasses; ++k) classes[k] += weights[i] * neighbour[k];
  }
  std::vector<float> limited(kPitchClasses);
  std::ranges::transform(classes, limited.begin(),
                         [](double value) { return static_cast<float>(std::clamp(value, 0.0, 1.0)); });
  return limited;
}

std::vector<float> TunedChroma::means(double tuning) const {
  std::vector<double> means;
  means.reserve(rows());
  for (const double sum : sums_) means.push_back(sum / static_cast<double>(frames_));
  return interpolated(tuning, means);
}

std::vector<float> TunedChroma::deviations(double tuning) const {
  const auto frames = static_cast<double>(frames_);
  std::vector<double> deviations;
  deviations.reserve(rows());
  for (std::size_t i = 0; i < rows(); ++i) {
    const double mean = sums_[i] / frames;
    deviations.push_back(std::sqrt(std::max(0.0, squares_[i] / frames - mean * mean)));
  }
  return interpolated(tuning, deviations);
}

std::vector<float> TunedChroma::curve(double tuning) const {
  std::vector<float> curve;
  for (std::size_t frame = 0; frame * rows() < kept_.size(); ++frame) {
    const auto begin = kept_.begin() + static_cast<std::ptrdiff_t>(frame * rows());
    const std::vector<double> values(begin, begin + static_cast<std::ptrdiff_t>(rows()));
    for (const float value : interpolated(tuning, values)) curve.push_back(value);
  }
  return curve;
}

}  // namespace vivace::analyze
