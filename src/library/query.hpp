#pragma once

#include <SQLiteCpp/Column.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "library/database.hpp"
#include "records/sqlite_value.hpp"

namespace vivace::library {

/// A path as the database holds it: text where it is valid UTF-8, else a BLOB of its bytes.
struct StoredPath {
  const std::string& bytes;
};

/// One use of a kept statement: arguments are bound in their order, the statement is reset at the end. Two uses of the
/// same text must not overlap. Throws SQLite::Exception.
class Query {
 public:
  template <typename... Arguments>
  explicit Query(Database& database, const std::string& sql, const Arguments&... arguments)
      : statement_(database.prepared(sql)) {
    (bind(arguments), ...);
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query() { statement_.tryReset(); }

  /// To the next row; false behind the last one.
  bool step() { return statement_.executeStep(); }
  /// Runs a statement without rows; the number of rows that it changed.
  int execute() { return statement_.exec(); }

  SQLite::Column column(int index) { return statement_.getColumn(index); }
  bool is_null(int index) { return column(index).isNull(); }
  std::int64_t integer(int index) { return column(index).getInt64(); }
  double number(int index) { return column(index).getDouble(); }
  /// The bytes of a text or BLOB, so also those of a path; empty for null.
  std::string text(int index) { return column(index).getString(); }
  SQLite::Statement& statement() { return statement_; }

 private:
  template <std::integral T>
  void bind(T value) {
    statement_.bind(next_++, static_cast<std::int64_t>(value));
  }
  void bind(double value) { statement_.bind(next_++, value); }
  void bind(const std::string& value) { statement_.bind(next_++, value); }
  void bind(const char* value) { statement_.bind(next_++, value); }
  void bind(std::nullptr_t) { statement_.bind(next_++); }
  void bind(const StoredPath& path);

  template <typename T>
  void bind(const std::optional<T>& value) {
    value ? bind(*value) : bind(nullptr);
  }

  SQLite::Statement& statement_;
  int next_ = 1;
};

/// The first column of the first row as an integer; 0 without rows.
template <typename... Arguments>
std::int64_t integer_of(Database& database, const std::string& sql, const Arguments&... arguments) {
  Query query(database, sql, arguments...);
  return query.step() ? query.integer(0) : 0;
}

/// Runs a statement without rows; the number of rows that it changed.
template <typename... Arguments>
int execute(Database& database, const std::string& sql, const Arguments&... arguments) {
  return Query(database, sql, arguments...).execute();
}

}  // namespace vivace::library
