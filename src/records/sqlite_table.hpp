#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "records/record.hpp"

namespace vivace::records {

/// An SQL identifier in quotes, whatever is in the name.
std::string quoted_identifier(std::string_view name);

/// Names are compared as SQLite does, without regard to the case of ASCII letters.
bool has_column(SQLite::Database& database, const std::string& table, const std::string& name);

/// A database table whose columns are the fields of a schema: numbers and text as they are, vectors and matrices as
/// BLOBs of little-endian float32 (row-major), named numbers as JSON text, failures as `<field>.code` and
/// `<field>.message`. All members throw SQLite::Exception.
class SqliteTable {
 public:
  /// `database` outlives the table.
  SqliteTable(SQLite::Database& database, std::string name, Schema schema, std::vector<std::string> key_fields);

  /// True unless the table has records of other fields than the schema's. Columns that others added do not count.
  bool has_same_fields();
  /// Creates the table where it is absent, adds the columns it lacks, and documents the fields in the table `fields`.
  void create();
  /// Inserts the record, or replaces the schema's columns of the row with the same key. Needs `create`.
  void put(const Record& record);

 private:
  std::string create_statement() const;
  std::string upsert_statement() const;
  void add_missing_columns();
  void document_fields();

  SQLite::Database& database_;
  std::string name_;
  Schema schema_;
  std::vector<std::string> key_fields_;
  std::optional<SQLite::Statement> upsert_;
};

}  // namespace vivace::records
