#pragma once

#include "tasks/analyze/feature.hpp"

namespace vivace::analyze {

/// The fields `chroma.cqt.*`: pitch classes of a constant-Q transform by librosa's definition.
FeatureInfo chroma_cqt_feature();

}  // namespace vivace::analyze
