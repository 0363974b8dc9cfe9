#include "tasks/analyze/key_profiles.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace vivace::analyze {
namespace {

constexpr double kSilentShare = 0.2;
constexpr double kEqual = 1e-6;
constexpr std::array<const char*, kPitchClasses> kTonics = {"A",  "Bb", "B", "C",  "Db", "D",
                                                            "Eb", "E",  "F", "Gb", "G",  "Ab"};

PitchClasses without_weak(const PitchClasses& sounding) {
  const double strongest = *std::max_element(sounding.begin(), sounding.end());
  PitchClasses kept = sounding;
  for (double& strength : kept) strength = strength < kSilentShare * strongest ? 0 : strength / strongest;
  return kept;
}

/// Moved to mean 0 and scaled to length 1; all zero where they are equal.
PitchClasses standardised(PitchClasses values) {
  double mean = 0;
  for (const double value : values) mean += value / kPitchClasses;
  double squares = 0;
  for (double& value : values) {
    value -= mean;
    squares += value * value;
  }
  for (double& value : values) value = squares > 0 ? value / std::sqrt(squares) : 0;
  return values;
}

double product(const PitchClasses& sounding, const PitchClasses& profile, std::size_t tonic) {
  double sum = 0;
  for (std::size_t i = 0; i < kPitchClasses; ++i) sum += sounding[(tonic + i) % kPitchClasses] * profile[i];
  return sum;
}

Key best_tonic(const PitchClasses& pitches, const PitchClasses& weights, const std::string& scale) {
  const PitchClasses wanted = standardised(weights);
  Key best{"", scale, -2};
  for (std::size_t tonic = 0; tonic < kPitchClasses; ++tonic) {
    const double strength = product(pitches, wanted, tonic);
    if (strength > best.strength) best = {kTonics[tonic], scale, strength};
  }
  return best;
}

}  // namespace

std::span<const KeyProfile> key_profiles() {
  static const std::vector<KeyProfile> profiles = {
      {"bgate",
       "Faraldo, Jordà and Herrera, A Multi-Profile Method for Key Estimation in EDM (2017)",
       {1.00, 0.00, 0.42, 0.00, 0.53, 0.37, 0.00, 0.77, 0.00, 0.38, 0.21, 0.30},
       {1.00, 0.00, 0.36, 0.39, 0.00, 0.38, 0.00, 0.74, 0.27, 0.00, 0.42, 0.23}},
      {"krumhansl",
       "Krumhansl and Kessler, Tracing the Dynamic Changes in Perceived Tonal Organization (1982)",
       {6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88},
       {6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17}},
      {"temperley",
       "Temperley, What's Key for Key? (1999)",
       {5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0},
       {5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0}},
      {"edma",
       "Faraldo, Gómez, Jordà and Herrera, Key Estimation in Electronic Dance Music (2016)",
       {1.00, 0.29, 0.50, 0.40, 0.60, 0.56, 0.32, 0.80, 0.31, 0.45, 0.42, 0.39},
       {1.00, 0.31, 0.44, 0.58, 0.33, 0.49, 0.29, 0.78, 0.43, 0.29, 0.53, 0.32}},
  };
  return profiles;
}

Key best_key(const PitchClasses& sounding, const KeyProfile& profile) {
  const PitchClasses pitches = standardised(without_weak(sounding));
  const Key major = best_tonic(pitches, profile.major, "major");
  const Key minor = best_tonic(pitches, profile.minor, "minor");
  return major.strength > minor.strength + kEqual ? major : minor;
}

}  // namespace vivace::analyze
