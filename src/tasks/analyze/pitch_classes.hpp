#pragma once

#include <array>
#include <span>

#include "tasks/analyze/chroma_filters.hpp"
#include "tasks/analyze/spectral_peaks.hpp"

namespace vivace::analyze {

/// A strength a pitch class; A comes first, at 440 Hz and its octaves.
using PitchClasses = std::array<double, kPitchClasses>;

/// Adds peaks to a harmonic pitch class profile (Gómez 2006; Essentia's HPCP with 12 bins, 4 harmonics and weights that
/// are a cosine a semitone wide). A peak counts, with the square of its height, for the pitch classes of which it is
/// the 1st, 2nd, 3rd, 4th or 5th harmonic: (1 + 1 + 1)^2 for its own, 1 for the 3rd and 0.742 for the 5th.
void add_to_profile(std::span<const SpectralPeak> peaks, PitchClasses& profile);

}  // namespace vivace::analyze
