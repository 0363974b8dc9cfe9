#include "records/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "vivace/error.hpp"

namespace vivace::records {
namespace {

constexpr std::array<std::string_view, 8> kTypeNames = {"boolean", "integer", "number",        "text",
                                                        "vector",  "matrix",  "named_numbers", "failure"};

static_assert(kTypeNames.size() + 1 == std::variant_size_v<Value>, "a value is null or of one of the field types");

void check_type(const Field& field, const Value& value) {
  const std::size_t expected = static_cast<std::size_t>(field.type) + 1;
  if (value.index() == expected) return;
  throw Error(ErrorCode::invalid_argument, fmt::format("field '{}'", field.name),
              fmt::format("is a {}, the value is a {}", field_type_name(field.type), kTypeNames[value.index() - 1]));
}

void check_length(const Field& field, std::size_t expected, std::size_t actual) {
  if (expected == actual) return;
  throw Error(ErrorCode::invalid_argument, fmt::format("field '{}'", field.name),
              fmt::format("holds {} numbers, not {}", expected, actual));
}

void check_size(const Field& field, const Value& value) {
  if (const auto* vector = std::get_if<std::vector<float>>(&value)) {
    if (field.size > 0) check_length(field, field.size, vector->size());
  } else if (const auto* matrix = std::get_if<Matrix>(&value)) {
    if (field.size > 0) check_length(field, field.size, matrix->columns);
    check_length(field, matrix->rows * matrix->columns, matrix->values.size());
  }
}

}  // namespace

std::string_view field_type_name(FieldType type) { return kTypeNames.at(static_cast<std::size_t>(type)); }

std::vector<std::string> column_names(const Schema& schema) {
  std::vector<std::string> names;
  for (const Field& field : schema) {
    if (field.type == FieldType::failure) {
      names.push_back(field.name + ".code");
      names.push_back(field.name + ".message");
    } else {
      names.push_back(field.name);
    }
  }
  return names;
}

std::optional<std::size_t> find_field(const Schema& schema, std::string_view name) {
  const auto found = std::find_if(schema.begin(), schema.end(), [&](const Field& field) { return field.name == name; });
  if (found == schema.end()) return std::nullopt;
  return static_cast<std::size_t>(found - schema.begin());
}

void check_schema(const Schema& schema, const std::vector<std::string>& key_fields) {
  std::set<std::string> seen;
  for (const std::string& name : column_names(schema)) {
    if (name.empty()) throw Error(ErrorCode::invalid_argument, "schema", "a field has no name");
    if (!seen.insert(name).second) {
      throw Error(ErrorCode::invalid_argument, "schema", fmt::format("two fields are named '{}'", name));
    }
  }
  for (const std::string& name : key_fields) {
    const auto index = find_field(schema, name);
    if (index && schema[*index].type == FieldType::text) continue;
    throw Error(ErrorCode::invalid_argument, "schema", fmt::format("the key field '{}' is no text field", name));
  }
}

void check_record(const Schema& schema, const Record& record) {
  if (record.size() != schema.size()) {
    throw Error(ErrorCode::invalid_argument, "record",
                fmt::format("has {} values, the schema {} fields", record.size(), schema.size()));
  }
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (std::holds_alternative<std::monostate>(record[i])) continue;
    check_type(schema[i], record[i]);
    check_size(schema[i], record[i]);
  }
}

std::size_t vector_bytes(const Record& record) {
  std::size_t numbers = 0;
  for (const Value& value : record) {
    if (const auto* vector = std::get_if<std::vector<float>>(&value)) numbers += vector->size();
    if (const auto* matrix = std::get_if<Matrix>(&value)) numbers += matrix->values.size();
  }
  return numbers * sizeof(float);
}

}  // namespace vivace::records
