#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "dsp/lanes.hpp"

namespace vivace::analyze {

inline constexpr std::size_t kPitchClasses = 12;

/// librosa's filters.chroma: the weights of kBins powers in the pitch classes C, C#, …, [kPitchClasses, kBins]
/// row-major. Gaussian bumps as wide as a semitone or, where they are farther apart, as the bins, of unit Euclidean
/// norm a bin, weighted by octaves around the fifth. `tuning` is a fraction of a semitone.
std::vector<float> chroma_filters(int sample_rate, double tuning);

/// Divides the pitch classes of each frame by their maximum; frames without one stay zero.
void normalise_classes(std::span<dsp::Lanes> classes);

}  // namespace vivace::analyze
