#include "records/sqlite_table.hpp"

#include <SQLiteCpp/Column.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>
#include <span>
#include <utility>

#include "records/json_line.hpp"
#include "records/schema.hpp"

namespace vivace::records {
namespace {

static_assert(std::endian::native == std::endian::little, "floats are stored as they lie in memory");

const char* column_type(FieldType type) {
  switch (type) {
    case FieldType::boolean:
    case FieldType::integer: return "INTEGER";
    case FieldType::number: return "REAL";
    case FieldType::vector:
    case FieldType::matrix: return "BLOB";
    default: return "TEXT";
  }
}

/// `"name" TYPE` for each column, in the order of `column_names`.
std::vector<std::string> column_definitions(const Schema& schema) {
  std::vector<std::string> definitions;
  for (const Field& field : schema) {
    for (const std::string& name : column_names({field})) {
      definitions.push_back(fmt::format("{} {}", quoted_identifier(name), column_type(field.type)));
    }
  }
  return definitions;
}

std::vector<std::string> quoted(std::vector<std::string> names) {
  for (std::string& name : names) name = quoted_identifier(name);
  return names;
}

/// Binds values to the parameters of a statement, one after the other. Texts and BLOBs are not copied: they must stay
/// until the statement has run.
class Binder {
 public:
  explicit Binder(SQLite::Statement& statement) : statement_(statement) {}

  void bind(const Field& field, const Value& value) {
    std::visit(*this, value);
    if (field.type == FieldType::failure && std::holds_alternative<std::monostate>(value)) bind_null();
  }

  void operator()(std::monostate) { bind_null(); }
  void operator()(bool value) { statement_.bind(next_++, value ? 1 : 0); }
  void operator()(std::int64_t value) { statement_.bind(next_++, value); }
  void operator()(double value) { std::isfinite(value) ? statement_.bind(next_++, value) : bind_null(); }
  void operator()(const std::string& value) { statement_.bindNoCopy(next_++, value); }
  void operator()(const std::vector<float>& value) { bind_floats(value); }
  void operator()(const Matrix& value) { bind_floats(value.values); }

  void operator()(const NamedNumbers& value) {
    std::string json;
    append_json(json, value);
    statement_.bind(next_++, json);
  }

  void operator()(const Failure& value) {
    statement_.bindNoCopy(next_++, value.code);
    statement_.bindNoCopy(next_++, value.message);
  }

 private:
  void bind_null() { statement_.bind(next_++); }

  void bind_floats(std::span<const float> values) {
    // SQLite takes a null pointer for NULL, so an empty BLOB needs another.
    const void* bytes = values.empty() ? static_cast<const void*>("") : values.data();
    statement_.bindNoCopy(next_++, bytes, static_cast<int>(values.size_bytes()));
  }

  SQLite::Statement& statement_;
  int next_ = 1;
};

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
  Binder binder(*upsert_);
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
