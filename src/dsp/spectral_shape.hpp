#pragma once

#include <span>

#include "dsp/lanes.hpp"

namespace vivace::dsp {

// Formulas over spectra, kLanes at a time. Values are non-negative; positions are bins, the first one 0.

/// The spectrum as a distribution over its bins. All zero where the spectrum is.
struct SpectralMoments {
  LaneValues centroid;
  LaneValues second;  ///< central moments: sum((k - centroid)^n S[k]) / sum(S)
  LaneValues third;
  LaneValues fourth;
};
SpectralMoments spectral_moments(std::span<const Lanes> spectrum);

/// The first bin at which the running sum reaches `share` of the total; 0 where the spectrum is all zero.
LaneValues rolloff_bin(std::span<const Lanes> spectrum, float share);

/// Geometric over arithmetic mean of max(floor, S[k]); with floor 0, it is 0 where a value is 0 (or denormal).
LaneValues flatness(std::span<const Lanes> spectrum, float floor);

/// The Euclidean distance of two spectra of equal length, each of one frame.
float spectral_distance(std::span<const float> a, std::span<const float> b);

/// The highest of non-negative values; 0 of none.
float highest(std::span<const float> values);

/// The sum of squares of samples.
float energy(std::span<const float> samples);

}  // namespace vivace::dsp
