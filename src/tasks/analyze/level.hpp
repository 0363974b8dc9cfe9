#pragma once

#include "tasks/analyze/feature.hpp"

namespace vivace::analyze {

/// The fields `level.*`: RMS, sample peak and crest of all channels.
FeatureInfo level_feature();

}  // namespace vivace::analyze
