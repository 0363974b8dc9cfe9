#pragma once

#include <memory>
#include <vector>

#include "library/track_analyst.hpp"
#include "tasks/analyze/analyzer.hpp"
#include "vivace/separate.hpp"

namespace vivace::library {

/// Features of stems, as features of the track: of stem "vocals" and feature "loudness" the feature
/// "stems-vocals-loudness" with the fields "stems.vocals.loudness.integrated_lufs" …; all features of a stem together.
std::vector<analyze::FeatureInfo> stem_features(const Separator& separator,
                                                const std::vector<const analyze::FeatureInfo*>& features);

/// The analyst for `options.features`, of which those from index `first_of_stems` on are what stem_features gave: it
/// separates a track for them, and hands stems on without files in between. Where only those are wanted, nothing but
/// that is done.
TrackAnalyst analyst_with_stems(analyze::AnalyzerOptions options, std::size_t first_of_stems,
                                std::shared_ptr<const Separator> separator);

}  // namespace vivace::library
