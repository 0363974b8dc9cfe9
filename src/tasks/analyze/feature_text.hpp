#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tasks/analyze/analyzer.hpp"

namespace vivace::analyze {

/// {"duration_s": …, "level.rms_dbfs": …, …, "reasons": {field: why it is null}}; fields that are null are there as
/// null.
nlohmann::json to_json(const std::vector<const FeatureInfo*>& features, const Analysis& analysis);

/// A line a field: name, value, unit; long lists are cut, and what is null says why.
std::string to_table(const std::vector<const FeatureInfo*>& features, const Analysis& analysis);

}  // namespace vivace::analyze
