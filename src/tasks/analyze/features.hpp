#pragma once

#include <span>
#include <string>
#include <vector>

#include "tasks/analyze/feature.hpp"

namespace vivace::analyze {

/// All features, in the order in which they are shown. Immutable; safe from many threads.
std::span<const FeatureInfo> features();

/// The features that `names` choose, in the order of the registry; without names those of the default analysis. Those
/// in `without` are left out. Throws Error(invalid_argument) for unknown names, and where nothing is left.
std::vector<const FeatureInfo*> choose_features(const std::vector<std::string>& names,
                                                const std::vector<std::string>& without);

}  // namespace vivace::analyze
