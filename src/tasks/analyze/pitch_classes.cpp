#include "tasks/analyze/pitch_classes.hpp"

#include <cmath>
#include <numbers>

namespace vivace::analyze {
namespace {

constexpr double kReferenceHz = 440;

struct Fundamental {
  double semitones_below = 0;
  double weight = 0;
};

double semitones(double ratio) { return kPitchClasses * std::log2(ratio); }

/// The 1st, 2nd and 4th harmonic share a pitch class, and their weights 1 add up; a weight falls beyond two octaves as
/// 2 / octaves. Weights are of magnitudes.
const double kFifthWeight = 2 / std::log2(5.0);
const std::array<Fundamental, 3> kFundamentals{
    {{0, 3 * 3}, {semitones(3), 1}, {semitones(5), kFifthWeight* kFifthWeight}}};

}  // namespace

void add_to_profile(std::span<const SpectralPeak> peaks, PitchClasses& profile) {
  for (const SpectralPeak& peak : peaks) {
    const double pitch = semitones(static_cast<double>(peak.hz) / kReferenceHz);
    const double power = static_cast<double>(peak.magnitude) * static_cast<double>(peak.magnitude);
    for (const Fundamental& fundamental : kFundamentals) {
      const double at = pitch - fundamental.semitones_below;
      const double nearest = std::round(at);
      const auto octaves = std::floor(nearest / kPitchClasses);
      const auto pitch_class = static_cast<std::size_t>(nearest - octaves * kPitchClasses);
      profile[pitch_class] += fundamental.weight * power * std::cos(std::numbers::pi * (at - nearest));
    }
  }
}

}  // namespace vivace::analyze
