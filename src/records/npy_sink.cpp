#include "records/npy_sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "base/files.hpp"
#include "records/json_line.hpp"
#include "records/npy_header.hpp"
#include "records/schema.hpp"
#include "vivace/error.hpp"

namespace vivace::records {
namespace {

std::string header_of(std::uint64_t rows, std::uint64_t dimension) {
  return npy_header("<f4", std::array{rows, dimension});
}

std::size_t find_rows_field(const Schema& schema) {
  const auto embeddings = find_field(schema, "embeddings");
  if (embeddings && schema[*embeddings].type == FieldType::matrix) return *embeddings;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (schema[i].type == FieldType::vector) return i;
  }
  throw Error(ErrorCode::invalid_argument, "npy", "these records hold no vector; write csv, jsonl, parquet or db");
}

Schema index_schema(Schema schema, std::size_t rows_field) {
  schema.erase(schema.begin() + static_cast<std::ptrdiff_t>(rows_field));
  schema.push_back({"row", FieldType::integer, 0, "", "first row in the matrix"});
  schema.push_back({"row_count", FieldType::integer, 0, "", "rows in the matrix"});
  return schema;
}

std::filesystem::path index_path(std::filesystem::path path) {
  if (path.extension() == ".npy") path.replace_extension();
  return path += ".index.jsonl";
}

struct Rows {
  std::size_t count = 0;
  std::size_t dimension = 0;
  std::span<const float> values;
};

Rows rows_of(const Value& value) {
  if (const auto* matrix = std::get_if<Matrix>(&value)) return {matrix->rows, matrix->columns, matrix->values};
  if (const auto* vector = std::get_if<std::vector<float>>(&value)) return {1, vector->size(), *vector};
  return {};
}

class NpySink : public Sink {
 public:
  explicit NpySink(SinkOptions options)
      : rows_field_(find_rows_field(options.schema)),
        dimension_(options.schema[rows_field_].size),
        index_schema_(index_schema(std::move(options.schema), rows_field_)),
        matrix_(options.path),
        index_(index_path(options.path)) {
    check_schema(index_schema_, options.key_fields);
    matrix_.write(header_of(0, dimension_));
  }

  void write(const Record& record) override {
    const Rows rows = rows_of(record[rows_field_]);
    check_dimension(rows);
    matrix_.write({reinterpret_cast<const char*>(rows.values.data()), rows.values.size_bytes()});
    write_index(record, rows.count);
    row_ += rows.count;
  }

  void finish() override {
    matrix_.write_at(0, header_of(row_, dimension_));
    matrix_.sync();
    index_.commit();
    matrix_.commit();
  }

 private:
  /// Where the schema leaves the dimension open, the first record with rows decides.
  void check_dimension(const Rows& rows) {
    if (rows.count == 0) return;
    if (row_ == 0 && dimension_ == 0) dimension_ = rows.dimension;
    if (rows.dimension == dimension_) return;
    throw Error(ErrorCode::invalid_argument, "npy",
                fmt::format("a row of {} numbers does not fit a matrix with {} columns", rows.dimension, dimension_));
  }

  void write_index(const Record& record, std::size_t row_count) {
    Record entry;
    for (std::size_t i = 0; i < record.size(); ++i) {
      if (i != rows_field_) entry.push_back(record[i]);
    }
    entry.emplace_back(static_cast<std::int64_t>(row_));
    entry.emplace_back(static_cast<std::int64_t>(row_count));
    index_.write(to_json_line(index_schema_, entry) + '\n');
  }

  std::size_t rows_field_;
  std::size_t dimension_;
  Schema index_schema_;
  base::AtomicFile matrix_;
  base::AtomicFile index_;
  std::uint64_t row_ = 0;
};

}  // namespace

std::unique_ptr<Sink> open_npy_sink(SinkOptions options) { return std::make_unique<NpySink>(std::move(options)); }

}  // namespace vivace::records
