#include "tasks/analyze/decibel_frames.hpp"

#include <algorithm>
#include <cmath>

namespace vivace::analyze {
namespace {

constexpr float kStepsPerDecibel = 128;
constexpr float kMostDecibels = 255;

}  // namespace

std::int16_t to_decibel_steps(float decibels) {
  const float limited = std::clamp(decibels, -kMostDecibels, kMostDecibels);
  return static_cast<std::int16_t>(std::lrint(limited * kStepsPerDecibel));
}

float from_decibel_steps(std::int16_t steps) { return static_cast<float>(steps) / kStepsPerDecibel; }

void DecibelFrames::add(std::span<const float> decibels) {
  std::ranges::transform(decibels, steps_.begin(), to_decibel_steps);
  rows_.add(steps_);
}

void DecibelFrames::read(std::size_t row, std::span<float> dst) const {
  std::ranges::transform(rows_.row(row), dst.begin(), from_decibel_steps);
}

}  // namespace vivace::analyze
