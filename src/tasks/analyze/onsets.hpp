#pragma once

#include "tasks/analyze/feature.hpp"

namespace vivace::analyze {

/// The fields `onsets.*`: where notes and beats of drums begin.
FeatureInfo onsets_feature();

}  // namespace vivace::analyze
