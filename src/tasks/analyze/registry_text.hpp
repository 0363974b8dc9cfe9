#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace vivace::analyze {

/// All features with their fields: a section of Markdown a feature, a line of its table a field.
std::string registry_markdown();

/// [{"name", "group", "description", "version", "default", "fields": [{"name", "type", "unit", "range",
/// "definition"}]}].
nlohmann::json registry_json();

}  // namespace vivace::analyze
