#pragma once

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <span>

#include "records/record.hpp"

namespace vivace::records {

/// The declared type of a column that holds values of a field: INTEGER, REAL, TEXT or BLOB.
const char* sqlite_type(FieldType type);

/// Binds values to the parameters of a statement, one after the other: numbers and text as they are, vectors and
/// matrices as BLOBs of little-endian float32, named numbers as JSON text, failures as two texts. Texts and BLOBs are
/// not copied: they must stay until the statement has run. Throws SQLite::Exception.
class SqliteBinder {
 public:
  /// `next` is the first parameter, from 1.
  explicit SqliteBinder(SQLite::Statement& statement, int next = 1) : statement_(statement), next_(next) {}

  void bind(const Field& field, const Value& value);
  void bind(const Value& value) { std::visit(*this, value); }

  void operator()(std::monostate) { bind_null(); }
  void operator()(bool value) { statement_.bind(next_++, value ? 1 : 0); }
  void operator()(std::int64_t value) { statement_.bind(next_++, value); }
  void operator()(double value);
  void operator()(const std::string& value) { statement_.bindNoCopy(next_++, value); }
  void operator()(const std::vector<float>& value) { bind_floats(value); }
  void operator()(const Matrix& value) { bind_floats(value.values); }
  void operator()(const NamedNumbers& value);
  void operator()(const Failure& value);

 private:
  void bind_null() { statement_.bind(next_++); }
  void bind_floats(std::span<const float> values);

  SQLite::Statement& statement_;
  int next_;
};

/// The value of a field out of its column; a matrix comes as one row, named numbers as their JSON text.
Value sqlite_value(const SQLite::Column& column, FieldType type);

}  // namespace vivace::records
