#pragma once

#include "tasks/analyze/feature.hpp"

namespace vivace::analyze {

/// The fields `key.*`: key, scale and strength by several key profiles.
FeatureInfo key_feature();

}  // namespace vivace::analyze
