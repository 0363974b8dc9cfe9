#pragma once

#include "tasks/analyze/feature.hpp"

namespace vivace::analyze {

/// The fields `mfcc.*`: 13 mel-frequency cepstral coefficients by librosa's definition.
FeatureInfo mfcc_feature();

}  // namespace vivace::analyze
