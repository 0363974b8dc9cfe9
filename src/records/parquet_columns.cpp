#include "records/parquet_columns.hpp"

#include <cmath>
#include <span>
#include <string>
#include <utility>

#include "records/schema.hpp"

namespace vivace::records {
namespace {

std::shared_ptr<arrow::DataType> floats_type(std::size_t size) {
  const auto item = arrow::field("item", arrow::float32(), false);
  return size > 0 ? arrow::fixed_size_list(item, static_cast<std::int32_t>(size)) : arrow::list(item);
}

std::shared_ptr<arrow::DataType> column_type(const Field& field) {
  switch (field.type) {
    case FieldType::boolean: return arrow::boolean();
    case FieldType::integer: return arrow::int64();
    case FieldType::number: return arrow::float64();
    case FieldType::text: return arrow::utf8();
    case FieldType::vector: return floats_type(field.size);
    case FieldType::matrix: return arrow::list(arrow::field("item", floats_type(field.size), false));
    case FieldType::named_numbers: return arrow::map(arrow::utf8(), arrow::float32());
    case FieldType::failure:
      return arrow::struct_({arrow::field("code", arrow::utf8()), arrow::field("message", arrow::utf8())});
  }
  return arrow::null();
}

std::shared_ptr<const arrow::KeyValueMetadata> metadata(const Field& field) {
  std::vector<std::string> keys;
  std::vector<std::string> values;
  const auto add = [&](const char* key, const std::string& value) {
    if (value.empty()) return;
    keys.emplace_back(key);
    values.push_back(value);
  };
  add("unit", field.unit);
  add("description", field.description);
  return arrow::key_value_metadata(std::move(keys), std::move(values));
}

template <typename ListBuilder>
arrow::Status append_list(ListBuilder& lists, std::span<const float> values) {
  ARROW_RETURN_NOT_OK(lists.Append());
  if (values.empty()) return arrow::Status::OK();
  auto& items = static_cast<arrow::FloatBuilder&>(*lists.value_builder());
  return items.AppendValues(values.data(), static_cast<std::int64_t>(values.size()));
}

/// Appends to a column of `floats_type`.
arrow::Status append_floats(arrow::ArrayBuilder& column, std::span<const float> values) {
  if (auto* fixed = dynamic_cast<arrow::FixedSizeListBuilder*>(&column)) return append_list(*fixed, values);
  return append_list(static_cast<arrow::ListBuilder&>(column), values);
}

/// Appends a value that is of the column's type or null.
struct ValueAppender {
  arrow::ArrayBuilder& column;

  template <typename Builder>
  Builder& as() const {
    return static_cast<Builder&>(column);
  }

  arrow::Status operator()(std::monostate) const { return column.AppendNull(); }
  arrow::Status operator()(bool value) const { return as<arrow::BooleanBuilder>().Append(value); }
  arrow::Status operator()(std::int64_t value) const { return as<arrow::Int64Builder>().Append(value); }
  arrow::Status operator()(double value) const {
    return std::isfinite(value) ? as<arrow::DoubleBuilder>().Append(value) : column.AppendNull();
  }
  arrow::Status operator()(const std::string& value) const { return as<arrow::StringBuilder>().Append(value); }
  arrow::Status operator()(const std::vector<float>& value) const { return append_floats(column, value); }

  arrow::Status operator()(const Matrix& matrix) const {
    auto& rows = as<arrow::ListBuilder>();
    ARROW_RETURN_NOT_OK(rows.Append());
    for (std::size_t row = 0; row < matrix.rows; ++row) {
      const auto values = std::span(matrix.values).subspan(row * matrix.columns, matrix.columns);
      ARROW_RETURN_NOT_OK(append_floats(*rows.value_builder(), values));
    }
    return arrow::Status::OK();
  }

  arrow::Status operator()(const NamedNumbers& numbers) const {
    auto& map = as<arrow::MapBuilder>();
    ARROW_RETURN_NOT_OK(map.Append());
    for (const auto& [name, number] : numbers) {
      ARROW_RETURN_NOT_OK(static_cast<arrow::StringBuilder&>(*map.key_builder()).Append(name));
      ARROW_RETURN_NOT_OK(static_cast<arrow::FloatBuilder&>(*map.item_builder()).Append(number));
    }
    return arrow::Status::OK();
  }

  arrow::Status operator()(const Failure& failure) const {
    auto& parts = as<arrow::StructBuilder>();
    ARROW_RETURN_NOT_OK(parts.Append());
    ARROW_RETURN_NOT_OK(static_cast<arrow::StringBuilder&>(*parts.field_builder(0)).Append(failure.code));
    return static_cast<arrow::StringBuilder&>(*parts.field_builder(1)).Append(failure.message);
  }
};

}  // namespace

std::shared_ptr<arrow::Schema> arrow_schema(const Schema& schema) {
  arrow::FieldVector fields;
  for (const Field& field : schema)
    fields.push_back(arrow::field(field.name, column_type(field), true, metadata(field)));
  return arrow::schema(std::move(fields));
}

ColumnBuffer::ColumnBuffer(const Schema& schema) : schema_(arrow_schema(schema)) {
  for (const auto& field : schema_->fields()) {
    columns_.push_back(arrow::MakeBuilder(field->type(), arrow::system_memory_pool()).ValueOrDie());
  }
}

arrow::Status ColumnBuffer::append(const Record& record) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    ARROW_RETURN_NOT_OK(std::visit(ValueAppender{*columns_[i]}, record[i]));
  }
  bytes_ += vector_bytes(record);
  ++records_;
  return arrow::Status::OK();
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> ColumnBuffer::take() {
  arrow::ArrayVector arrays;
  for (const auto& column : columns_) {
    ARROW_ASSIGN_OR_RAISE(arrays.emplace_back(), column->Finish());
  }
  bytes_ = 0;
  return arrow::RecordBatch::Make(schema_, std::exchange(records_, 0), std::move(arrays));
}

}  // namespace vivace::records
