#include "tasks/analyze/dynamic_range.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "dsp/magnitude.hpp"
#include "tasks/analyze/decibels.hpp"

namespace vivace::analyze {
namespace {

constexpr std::size_t kSeconds = 3;
constexpr std::size_t kLoudestOneOf = 5;

}  // namespace

DynamicRange::DynamicRange(int sample_rate) : block_(kSeconds * static_cast<std::size_t>(sample_rate)) {}

void DynamicRange::push(std::span<const float> samples) {
  while (!samples.empty()) {
    const auto piece = samples.first(std::min(samples.size(), block_ - filled_));
    squares_ += dsp::sum_of_squares(piece);
    peak_ = std::max(peak_, dsp::largest_magnitude(piece));
    filled_ += piece.size();
    samples = samples.subspan(piece.size());
    if (filled_ < block_) continue;
    powers_.push_back(squares_ / static_cast<double>(block_));
    peaks_.push_back(peak_);
    filled_ = 0;
    squares_ = peak_ = 0;
  }
}

std::optional<double> DynamicRange::value() const {
  if (peaks_.size() < 2) return std::nullopt;
  std::vector<float> peaks = peaks_;
  std::nth_element(peaks.begin(), peaks.begin() + 1, peaks.end(), std::greater<>());
  if (peaks[1] == 0) return std::nullopt;
  std::vector<double> powers = powers_;
  const auto loudest = std::max<std::ptrdiff_t>(1, static_cast<std::ptrdiff_t>(powers.size() / kLoudestOneOf));
  std::partial_sort(powers.begin(), powers.begin() + loudest, powers.end(), std::greater<>());
  const double power = std::accumulate(powers.begin(), powers.begin() + loudest, 0.0) / static_cast<double>(loudest);
  return decibels(peaks[1] / std::sqrt(2 * power));
}

}  // namespace vivace::analyze
