#pragma once

#include <arrow/api.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "records/record.hpp"

namespace vivace::records {

/// The Arrow schema of a record schema, every field nullable: a vector of known size is fixed_size_list<float>, others
/// list<float>; a matrix is a list of those; named numbers are map<string, float>; a failure is struct<code, message>.
/// Unit and description are metadata of the field.
std::shared_ptr<arrow::Schema> arrow_schema(const Schema& schema);

/// Collects records column by column.
class ColumnBuffer {
 public:
  explicit ColumnBuffer(const Schema& schema);

  /// Appends a record that fits the schema.
  arrow::Status append(const Record& record);
  /// The records collected so far; the buffer is then empty.
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> take();

  std::int64_t records() const { return records_; }
  /// The bytes of the collected vectors and matrices, about.
  std::size_t bytes() const { return bytes_; }

 private:
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<std::unique_ptr<arrow::ArrayBuilder>> columns_;
  std::int64_t records_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace vivace::records
