#pragma once

#include "tasks/analyze/feature.hpp"

namespace vivace::analyze {

/// The fields `tempo.*`: beats a minute, and where the beats are.
FeatureInfo tempo_feature();

}  // namespace vivace::analyze
