#include "tasks/analyze/registry_text.hpp"

#include <fmt/format.h>

#include "records/schema.hpp"
#include "tasks/analyze/features.hpp"

namespace vivace::analyze {
namespace {

/// "vector of 12", "number".
std::string type_of(const FieldInfo& field) {
  const std::string name(records::field_type_name(field.type));
  return field.type == records::FieldType::vector && field.size > 0 ? fmt::format("{} of {}", name, field.size) : name;
}

}  // namespace

std::string registry_markdown() {
  std::string text;
  for (const FeatureInfo& feature : features()) {
    text += fmt::format("{}## {}\n\n{}{}.\n\n", text.empty() ? "" : "\n", feature.name, feature.description,
                        feature.by_default ? "" : " (only by its name or its group's)");
    text += "| field | type | unit | range | definition |\n|---|---|---|---|---|\n";
    for (const FieldInfo& field : feature.fields) {
      text += fmt::format("| `{}` | {} | {} | {} | {} |\n", field.name, type_of(field), field.unit, field.range,
                          field.definition);
    }
  }
  return text;
}

nlohmann::json registry_json() {
  nlohmann::json list = nlohmann::json::array();
  for (const FeatureInfo& feature : features()) {
    nlohmann::json fields = nlohmann::json::array();
    for (const FieldInfo& field : feature.fields) {
      fields.push_back({{"name", field.name},
                        {"type", type_of(field)},
                        {"unit", field.unit},
                        {"range", field.range},
                        {"definition", field.definition}});
    }
    list.push_back({{"name", feature.name},
                    {"group", feature.group},
                    {"description", feature.description},
                    {"version", feature.version},
                    {"default", feature.by_default},
                    {"fields", std::move(fields)}});
  }
  return list;
}

}  // namespace vivace::analyze
