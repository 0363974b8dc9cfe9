#include "tasks/analyze/tuning.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "dsp/spectral_shape.hpp"
#include "tasks/analyze/spectra.hpp"

namespace vivace::analyze {
namespace {

constexpr double kLowestHz = 150;
constexpr double kHighestHz = 4000;
constexpr float kPeakThreshold = 0.1F;
constexpr float kA0Hz = 27.5F;
constexpr std::uint32_t kMantissaBits = 23;
constexpr std::uint32_t kBitsBelowStep = 16;  // of a float: 7 bits of its mantissa remain

/// Where the parabola through three equidistant values has its summit, relative to the middle one; 0 where that is
/// farther than the neighbours.
float summit_of(float left, float middle, float right) {
  const double curvature = static_cast<double>(right + left) - 2.0 * middle;
  const double slope = static_cast<double>(right - left) / 2;
  return std::abs(slope) >= std::abs(curvature) ? 0.0F : static_cast<float>(-slope / curvature);
}

}  // namespace

TuningEstimator::TuningEstimator(int sample_rate, int bins_per_octave)
    : bin_hz_(static_cast<double>(sample_rate) / kFrame),
      bins_per_octave_(bins_per_octave),
      first_bin_(static_cast<std::size_t>(std::ceil(kLowestHz / bin_hz_))),
      end_bin_(std::min(kBins - 1, static_cast<std::size_t>(std::ceil(kHighestHz / bin_hz_)))) {}

void TuningEstimator::add(std::span<const float> spectrum) {
  const float least = kPeakThreshold * dsp::highest(spectrum);
  const auto above = [&](std::size_t bin) { return spectrum[bin] > least ? spectrum[bin] : 0.0F; };
  for (std::size_t bin = std::max<std::size_t>(1, first_bin_); bin < end_bin_; ++bin) {
    if (spectrum[bin] <= least) continue;
    if (spectrum[bin] > above(bin - 1) && spectrum[bin] >= above(bin + 1)) {
      add_peak(spectrum[bin - 1], spectrum[bin], spectrum[bin + 1], bin);
    }
  }
}

void TuningEstimator::add_peak(float left, float middle, float right, std::size_t bin) {
  const float summit = summit_of(left, middle, right);
  const float height = middle + 0.25F * (right - left) * summit;
  const auto hz = static_cast<float>((static_cast<double>(bin) + summit) * bin_hz_);
  const float position = static_cast<float>(bins_per_octave_) * std::log2(hz / kA0Hz);
  const float above = position - std::floor(position);
  const double residual = above >= 0.5F ? above - 1 : above;
  const auto step = static_cast<std::size_t>((residual + 0.5) * kResiduals);
  kept_.push_back({height, static_cast<std::uint32_t>(std::min(step, kResiduals - 1))});
  if (kept_.size() == kMostKept) count_peaks();
}

void TuningEstimator::count_peaks() {
  for (const auto& [height, residual] : kept_) counts_of(height)[residual] += 1;
  counted_ += kept_.size();
  kept_.clear();
}

/// The counts of the step of height of a positive value.
TuningEstimator::Counts& TuningEstimator::counts_of(float height) {
  const auto bits = std::bit_cast<std::uint32_t>(height);
  std::unique_ptr<Octave>& octave = counts_.at(bits >> kMantissaBits);
  if (!octave) octave = std::make_unique<Octave>();
  return (*octave)[(bits >> kBitsBelowStep) % kSteps];
}

TuningEstimator::Votes TuningEstimator::kept_votes() {
  const auto median = kept_.begin() + static_cast<std::ptrdiff_t>(kept_.size() / 2);
  std::ranges::nth_element(kept_, median, {}, &Peak::height);
  const float least = median->height;
  Votes votes{};
  for (const auto& [height, residual] : kept_) votes[residual] += height >= least ? 1 : 0;
  return votes;
}

TuningEstimator::Votes TuningEstimator::counted_votes() const {
  Votes votes{};
  double wanted = std::ceil(static_cast<double>(counted_) / 2);  // those of at least the median height
  for (auto octave = counts_.rbegin(); octave != counts_.rend(); ++octave) {
    if (!*octave) continue;
    for (auto counts = (*octave)->rbegin(); counts != (*octave)->rend() && wanted > 0; ++counts) {
      const double peaks = std::accumulate(counts->begin(), counts->end(), 0.0);
      if (peaks == 0) continue;
      const double share = std::min(1.0, wanted / peaks);
      for (std::size_t i = 0; i < kResiduals; ++i) votes[i] += share * (*counts)[i];
      wanted -= peaks;
    }
  }
  return votes;
}

double TuningEstimator::estimate() {
  if (counted_ > 0) count_peaks();
  if (counted_ == 0 && kept_.empty()) return 0;
  const Votes votes = counted_ > 0 ? counted_votes() : kept_votes();
  const auto most = std::ranges::max_element(votes);
  return static_cast<double>(most - votes.begin()) / kResiduals - 0.5;
}

}  // namespace vivace::analyze
