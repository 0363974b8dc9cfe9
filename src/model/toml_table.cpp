#include "model/toml_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/wording.hpp"
#include "vivace/error.hpp"

namespace vivace::model {

TableReader::TableReader(const toml::table& table, std::string origin, std::string path)
    : table_(&table), origin_(std::move(origin)), path_(std::move(path)) {}

std::string TableReader::text(std::string_view key) {
  std::string value = text_value(key, need(key));
  if (value.empty()) fail(key, "is empty");
  return value;
}

std::string TableReader::text_or(std::string_view key, std::string_view fallback) {
  const toml::node* node = find(key);
  return node ? text_value(key, *node) : std::string(fallback);
}

std::string TableReader::choice(std::string_view key, const std::vector<std::string>& allowed) {
  std::string value = text(key);
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    fail(key, fmt::format("is {}; it must be {}", in_quotes(value), fmt::join(allowed, " or ")));
  }
  return value;
}

std::string TableReader::choice_or(std::string_view key, const std::vector<std::string>& allowed,
                                   std::string_view fallback) {
  return find(key) ? choice(key, allowed) : std::string(fallback);
}

std::uint64_t TableReader::whole(std::string_view key, std::uint64_t lowest, std::uint64_t highest) {
  return whole_value(key, need(key), lowest, highest);
}

std::uint64_t TableReader::whole_or(std::string_view key, std::uint64_t lowest, std::uint64_t highest,
                                    std::uint64_t fallback) {
  const toml::node* node = find(key);
  return node ? whole_value(key, *node, lowest, highest) : fallback;
}

double TableReader::number(std::string_view key, double lowest, double highest) {
  return number_value(key, need(key), lowest, highest);
}

double TableReader::number_or(std::string_view key, double lowest, double highest, double fallback) {
  const toml::node* node = find(key);
  return node ? number_value(key, *node, lowest, highest) : fallback;
}

std::vector<double> TableReader::numbers(std::string_view key, double lowest, double highest) {
  const toml::array* array = need(key).as_array();
  if (!array) fail(key, "must be an array of numbers");
  std::vector<double> values;
  for (const toml::node& node : *array) values.push_back(number_value(key, node, lowest, highest));
  return values;
}

bool TableReader::flag(std::string_view key) {
  const auto value = need(key).value_exact<bool>();
  if (!value) fail(key, "must be true or false");
  return *value;
}

std::vector<std::string> TableReader::distinct_texts(std::string_view key) {
  const toml::array* array = need(key).as_array();
  if (!array || array->empty()) fail(key, "must be an array of texts, at least one");
  std::vector<std::string> texts;
  std::set<std::string> seen;
  for (const toml::node& node : *array) {
    std::string value = text_value(key, node);
    if (value.empty()) fail(key, fmt::format("has an empty text at index {}", texts.size()));
    if (!seen.insert(value).second) fail(key, fmt::format("has {} twice", in_quotes(value)));
    texts.push_back(std::move(value));
  }
  return texts;
}

std::optional<TableReader> TableReader::table(std::string_view key) {
  const toml::node* node = find(key);
  if (!node) return std::nullopt;
  if (!node->is_table()) fail(key, "must be a table");
  return TableReader(*node->as_table(), origin_, full_name(key));
}

std::vector<TableReader> TableReader::tables(std::string_view key) {
  std::vector<TableReader> readers;
  const toml::node* node = find(key);
  if (!node) return readers;
  if (!node->is_array()) fail(key, fmt::format("must be tables, each headed [[{}]]", key));
  for (const toml::node& element : *node->as_array()) {
    if (!element.is_table()) fail(key, fmt::format("must be tables, each headed [[{}]]", key));
    readers.emplace_back(*element.as_table(), origin_, fmt::format("{}[{}]", full_name(key), readers.size()));
  }
  return readers;
}

void TableReader::finish() const {
  for (const auto& [key, node] : *table_) {
    if (asked_.contains(key.str())) continue;
    const std::vector<std::string> known(asked_.begin(), asked_.end());
    throw Error(ErrorCode::model_mismatch, origin_,
                fmt::format("line {}: {} is not a key of a manifest here{}", node.source().begin.line,
                            in_quotes(full_name(key.str())), did_you_mean(key.str(), known)));
  }
}

void TableReader::fail(std::string_view key, const std::string& message) const {
  const toml::node* node = table_->get(key);
  const auto line = (node ? node->source() : table_->source()).begin.line;
  throw Error(ErrorCode::model_mismatch, origin_, fmt::format("line {}: {} {}", line, full_name(key), message));
}

const toml::node* TableReader::find(std::string_view key) {
  asked_.emplace(key);
  return table_->get(key);
}

const toml::node& TableReader::need(std::string_view key) {
  const toml::node* node = find(key);
  if (!node) fail(key, "is missing");
  return *node;
}

std::string TableReader::text_value(std::string_view key, const toml::node& node) const {
  const auto value = node.value_exact<std::string>();
  if (!value) fail(key, "must be a text in quotes");
  return *value;
}

std::uint64_t TableReader::whole_value(std::string_view key, const toml::node& node, std::uint64_t lowest,
                                       std::uint64_t highest) const {
  const auto value = node.value_exact<std::int64_t>();
  if (!value) fail(key, fmt::format("must be a whole number, {} to {}", lowest, highest));
  if (*value < 0 || static_cast<std::uint64_t>(*value) < lowest || static_cast<std::uint64_t>(*value) > highest) {
    fail(key, fmt::format("is {}; it must be {} to {}", *value, lowest, highest));
  }
  return static_cast<std::uint64_t>(*value);
}

double TableReader::number_value(std::string_view key, const toml::node& node, double lowest, double highest) const {
  if (!node.is_number()) fail(key, fmt::format("must be a number, {} to {}", lowest, highest));
  const double value = node.value<double>().value_or(std::nan(""));
  if (!(value >= lowest && value <= highest)) {
    fail(key, fmt::format("is {}; it must be {} to {}", value, lowest, highest));
  }
  return value;
}

std::string TableReader::full_name(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

}  // namespace vivace::model
