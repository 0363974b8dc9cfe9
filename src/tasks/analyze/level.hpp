#pragma once

#include "tasks/analyze/feature.hpp"

namespace vivace::analyze {

/// The fields `level.*`: of all channels root mean square, crest, dynamic range, clipping and silence; of their mean
/// the levels of four bands.
FeatureInfo level_feature();

}  // namespace vivace::analyze
