#pragma once

#include "tasks/analyze/feature.hpp"

namespace vivace::analyze {

/// The field `danceability.dfa`.
FeatureInfo danceability_feature();

}  // namespace vivace::analyze
