#pragma once

#include "tasks/analyze/feature.hpp"

namespace vivace::analyze {

/// The fields `loudness.*` of EBU R128 but for the true peak. The curves are `loudness.momentary_lufs` and
/// `loudness.short_term_lufs`, 10 values a second, each at the middle of its window, not below -120 LUFS.
FeatureInfo loudness_feature();

/// The field `loudness.true_peak_dbtp`.
FeatureInfo true_peak_feature();

}  // namespace vivace::analyze
