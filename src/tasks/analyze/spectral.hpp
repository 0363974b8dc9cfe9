#pragma once

#include "tasks/analyze/feature.hpp"

namespace vivace::analyze {

/// The fields `spectral.*`: the shape of spectra by librosa's and by Essentia's definitions.
FeatureInfo spectral_feature();

}  // namespace vivace::analyze
