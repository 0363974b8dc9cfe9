#pragma once

#include "tasks/analyze/feature.hpp"

namespace vivace::analyze {

/// The fields `chroma.stft.*` and `chroma.tuning`: pitch classes of spectra and their tuning by librosa's definitions.
FeatureInfo chroma_stft_feature();

}  // namespace vivace::analyze
