#include "tasks/analyze/feature_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vivace::analyze {
namespace {

constexpr std::size_t kMostListed = 6;

template <typename Visit>
void for_each_field(const std::vector<const FeatureInfo*>& features, const Analysis& analysis, Visit&& visit) {
  for (std::size_t i = 0; i < features.size(); ++i) {
    for (std::size_t k = 0; k < features[i]->fields.size(); ++k) {
      visit(features[i]->fields[k], analysis.findings[i].fields[k]);
    }
  }
}

std::string short_list(const std::vector<float>& values) {
  std::string text;
  for (std::size_t i = 0; i < std::min(values.size(), kMostListed); ++i) {
    text += fmt::format("{}{:.4g}", i == 0 ? "" : " ", values[i]);
  }
  return values.size() > kMostListed ? fmt::format("{} … ({} in all)", text, values.size()) : text;
}

std::string text_of(const FieldValue& field) {
  if (std::holds_alternative<std::monostate>(field.value)) return fmt::format("none: {}", field.reason);
  if (const auto* list = std::get_if<std::vector<float>>(&field.value)) return short_list(*list);
  if (const auto* number = std::get_if<double>(&field.value)) return fmt::format("{:.6g}", *number);
  if (const auto* text = std::get_if<std::string>(&field.value)) return *text;
  return to_json(field.value).dump();
}

}  // namespace

nlohmann::json to_json(const records::Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* list = std::get_if<std::vector<float>>(&value)) return *list;
  if (const auto* named = std::get_if<records::NamedNumbers>(&value)) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [name, number] : *named) object[name] = number;
    return object;
  }
  return nullptr;
}

nlohmann::json to_json(const std::vector<const FeatureInfo*>& features, const Analysis& analysis) {
  nlohmann::json object = {{"duration_s", analysis.duration_s}, {"sample_rate_hz", analysis.sample_rate},
                           {"channels", analysis.channels},     {"container", analysis.container},
                           {"codec", analysis.codec},           {"truncated", analysis.truncated}};
  nlohmann::json reasons = nlohmann::json::object();
  for_each_field(features, analysis, [&](const FieldInfo& info, const FieldValue& field) {
    object[info.name] = to_json(field.value);
    if (!field.reason.empty()) reasons[info.name] = field.reason;
  });
  object["reasons"] = std::move(reasons);
  return object;
}

std::string to_line(const FieldInfo& info, const FieldValue& field, std::size_t width) {
  const bool bare = std::holds_alternative<std::monostate>(field.value) || info.unit.empty();
  return fmt::format("{:<{}}  {}{}{}\n", info.name, width, text_of(field), bare ? "" : " ", bare ? "" : info.unit);
}

std::string to_table(const std::vector<const FeatureInfo*>& features, const Analysis& analysis) {
  std::size_t width = 0;
  for_each_field(features, analysis,
                 [&](const FieldInfo& info, const FieldValue&) { width = std::max(width, info.name.size()); });
  std::string table = fmt::format("{:<{}}  {:.3f} s\n", "duration", width, analysis.duration_s);
  for_each_field(features, analysis,
                 [&](const FieldInfo& info, const FieldValue& field) { table += to_line(info, field, width); });
  return table;
}

}  // namespace vivace::analyze
