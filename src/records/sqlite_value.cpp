#include "records/sqlite_value.hpp"

#include <bit>
#include <cmath>
#include <cstring>

#include "records/json_line.hpp"

namespace vivace::records {
namespace {

static_assert(std::endian::native == std::endian::little, "floats are stored as they lie in memory");

std::vector<float> floats_of(const SQLite::Column& column) {
  std::vector<float> values(static_cast<std::size_t>(column.getBytes()) / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), column.getBlob(), values.size() * sizeof(float));
  return values;
}

}  // namespace

const char* sqlite_type(FieldType type) {
  switch (type) {
    case FieldType::boolean:
    case FieldType::integer: return "INTEGER";
    case FieldType::number: return "REAL";
    case FieldType::vector:
    case FieldType::matrix: return "BLOB";
    default: return "TEXT";
  }
}

void SqliteBinder::bind(const Field& field, const Value& value) {
  std::visit(*this, value);
  if (field.type == FieldType::failure && std::holds_alternative<std::monostate>(value)) bind_null();
}

void SqliteBinder::operator()(double value) { std::isfinite(value) ? statement_.bind(next_++, value) : bind_null(); }

void SqliteBinder::operator()(const NamedNumbers& value) {
  std::string json;
  append_json(json, value);
  statement_.bind(next_++, json);
}

void SqliteBinder::operator()(const Failure& value) {
  statement_.bindNoCopy(next_++, value.code);
  statement_.bindNoCopy(next_++, value.message);
}

void SqliteBinder::bind_floats(std::span<const float> values) {
  // SQLite takes a null pointer for NULL, so an empty BLOB needs another.
  const void* bytes = values.empty() ? static_cast<const void*>("") : values.data();
  statement_.bindNoCopy(next_++, bytes, static_cast<int>(values.size_bytes()));
}

Value sqlite_value(const SQLite::Column& column, FieldType type) {
  if (column.isNull()) return {};
  switch (type) {
    case FieldType::boolean: return column.getInt() != 0;
    case FieldType::integer: return static_cast<std::int64_t>(column.getInt64());
    case FieldType::number: return column.getDouble();
    case FieldType::vector:
    case FieldType::matrix: return floats_of(column);
    default: return column.getString();
  }
}

}  // namespace vivace::records
