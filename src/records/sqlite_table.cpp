#include "records/sqlite_table.hpp"

#include <SQLiteCpp/Column.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "records/schema.hpp"
#include "records/sqlite_value.hpp"

namespace vivace::records {
namespace {

/// `"name" TYPE` for each column, in the order of `column_names`.
std::vector<std::string> column_definitions(const Schema& schema) {
  std::vector<std::string> definitions;
  for (const Field& field : schema) {
    for (const std::string& name : column_names({field})) {
      definitions.push_back(fmt::format("{} {}", quoted_identifier(name), sqlite_type(field.type)));
    }
  }
  return definitions;
}

std::vector<std::string> quoted(std::vector<std::string> names) {
  for (std::string& name : names) name = quoted_identifier(name);
  return names;
}

}  // namespace

std::string quoted_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted += '"';
}

bool has_column(SQLite::Database& database, const std::string& table, const std::string& name) {
  SQLite::Statement found(database, "SELECT 1 FROM pragma_table_info(?) WHERE name = ? COLLATE NOCASE");
  found.bind(1, table);
  found.bind(2, name);
  return found.executeStep();
}

SqliteTable::SqliteTable(SQLite::Database& database, std::string name, Schema schema,
                         std::vector<std::string> key_fields)
    : database_(database), name_(std::move(name)), schema_(std::move(schema)), key_fields_(std::move(key_fields)) {}

void SqliteTable::create() {
  database_.exec(create_statement());
  add_missing_columns();
  document_fields();
  upsert_.emplace(database_, upsert_statement());
}

bool SqliteTable::has_same_fields() {
  if (!database_.tableExists("fields")) return true;
  std::set<std::string> documented;
  SQLite::Statement names(database_, "SELECT name FROM fields WHERE table_name = ?");
  names.bind(1, name_);
  while (names.executeStep()) documented.insert(names.getColumn(0).getString());
  std::set<std::string> wanted;
  for (const Field& field : schema_) wanted.insert(field.name);
  return documented.empty() || documented == wanted;
}

void SqliteTable::put(const Record& record) {
  upsert_->tryReset();
  SqliteBinder binder(*upsert_);
  for (std::size_t i = 0; i < schema_.size(); ++i) binder.bind(schema_[i], record[i]);
  upsert_->exec();
  upsert_->reset();
}

std::string SqliteTable::create_statement() const {
  std::vector<std::string> parts = column_definitions(schema_);
  if (!key_fields_.empty()) parts.push_back(fmt::format("PRIMARY KEY ({})", fmt::join(quoted(key_fields_), ", ")));
  return fmt::format("CREATE TABLE IF NOT EXISTS {} ({})", quoted_identifier(name_), fmt::join(parts, ", "));
}

std::string SqliteTable::upsert_statement() const {
  const std::vector<std::string> columns = quoted(column_names(schema_));
  const std::vector<std::string> keys = quoted(key_fields_);
  std::string insert =
      fmt::format("INSERT INTO {} ({}) VALUES ({})", quoted_identifier(name_), fmt::join(columns, ", "),
                  fmt::join(std::vector<std::string>(columns.size(), "?"), ", "));
  if (keys.empty()) return insert;
  std::vector<std::string> updates;
  updates.reserve(columns.size());
  for (const std::string& column : columns) updates.push_back(fmt::format("{0} = excluded.{0}", column));
  return fmt::format("{} ON CONFLICT ({}) DO UPDATE SET {}", insert, fmt::join(keys, ", "), fmt::join(updates, ", "));
}

void SqliteTable::add_missing_columns() {
  const std::vector<std::string> names = column_names(schema_);
  const std::vector<std::string> definitions = column_definitions(schema_);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (has_column(database_, name_, names[i])) continue;
    database_.exec(fmt::format("ALTER TABLE {} ADD COLUMN {}", quoted_identifier(name_), definitions[i]));
  }
}

void SqliteTable::document_fields() {
  database_.exec(
      "CREATE TABLE IF NOT EXISTS fields (table_name TEXT, name TEXT, type TEXT, unit TEXT, size INTEGER, "
      "description TEXT, PRIMARY KEY (table_name, name))");
  SQLite::Statement document(database_, "INSERT OR REPLACE INTO fields VALUES (?, ?, ?, ?, ?, ?)");
  for (const Field& field : schema_) {
    document.bind(1, name_);
    document.bind(2, field.name);
    document.bind(3, std::string(field_type_name(field.type)));
    document.bind(4, field.unit);
    document.bind(5, static_cast<std::int64_t>(field.size));
    document.bind(6, field.description);
    document.exec();
    document.reset();
  }
}

}  // namespace vivace::records
