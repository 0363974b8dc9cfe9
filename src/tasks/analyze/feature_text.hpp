#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tasks/analyze/analyzer.hpp"

namespace vivace::analyze {

nlohmann::json to_json(const records::Value& value);

/// {"duration_s": …, "level.rms_dbfs": …, …, "reasons": {field: why it is null}}; fields that are null are there as
/// null.
nlohmann::json to_json(const std::vector<const FeatureInfo*>& features, const Analysis& analysis);

/// Name, value and unit of a field, with a line end; values begin behind `width` and two spaces. Long lists are cut,
/// and what is null says why.
std::string to_line(const FieldInfo& info, const FieldValue& field, std::size_t width);

/// A line a field: name, value, unit; long lists are cut, and what is null says why.
std::string to_table(const std::vector<const FeatureInfo*>& features, const Analysis& analysis);

}  // namespace vivace::analyze
