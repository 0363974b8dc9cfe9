#include "library/columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "base/files.hpp"
#include "library/feature_tables.hpp"
#include "records/sqlite_table.hpp"
#include "records/sqlite_value.hpp"
#include "vivace/error.hpp"

namespace vivace::library {
namespace {

using records::FieldType;
using records::quoted_identifier;

constexpr const char* kFailures =
    "(SELECT group_concat(name || ': ' || error_message, '; ') FROM results JOIN feature_sets ON id = feature_set "
    "WHERE results.state = 'failed' AND results.track = tracks.id)";

std::vector<Column> file_columns() {
  return {{{"path", FieldType::text, 0, "", "absolute path of the file"}, "tracks.path", ""},
          {{"state", FieldType::text, 0, "", "present or missing"}, "tracks.state", ""},
          {{"size", FieldType::integer, 0, "bytes", "of the file"}, "tracks.size", ""},
          {{"content_hash", FieldType::text, 0, "", "SHA-256 of the file"}, "tracks.content_hash", ""},
          {{"duration_s", FieldType::number, 0, "s", "of the decoded audio"}, "tracks.duration_s", ""},
          {{"sample_rate_hz", FieldType::integer, 0, "Hz", "of the file"}, "tracks.sample_rate_hz", ""},
          {{"channels", FieldType::integer, 0, "", "of the file"}, "tracks.channels", ""},
          {{"container", FieldType::text, 0, "", "format of the file"}, "tracks.container", ""},
          {{"codec", FieldType::text, 0, "", "of the audio"}, "tracks.codec", ""},
          {{"truncated", FieldType::boolean, 0, "", "cut short or damaged"}, "tracks.truncated", ""},
          {{"failures", FieldType::text, 0, "", "feature sets that failed, and why"}, kFailures, ""}};
}

const Column& find_column(const std::vector<Column>& columns, const std::string& name) {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const Column& column) { return column.field.name == name; });
  if (found != columns.end()) return *found;
  throw Error(ErrorCode::invalid_argument, name,
              "is no field of this library; 'vivace library show' prints the fields of a track");
}

records::Value condition_value(const Column& column, const std::string& text) {
  if (column.field.type == FieldType::text) return text;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  throw Error(ErrorCode::invalid_argument, text, fmt::format("is no number to compare '{}' with", column.field.name));
}

/// Named numbers out of their JSON; the text as it is where it holds something else.
records::Value named_numbers(const std::string& json) {
  records::NamedNumbers numbers;
  const auto object = nlohmann::ordered_json::parse(json, nullptr, false);
  if (!object.is_object()) return json;
  for (const auto& [name, number] : object.items()) {
    if (!number.is_number()) return json;
    numbers.emplace_back(name, number.get<float>());
  }
  return numbers;
}

records::Value value_of(const SQLite::Column& column, const records::Field& field) {
  records::Value value = records::sqlite_value(column, field.type);
  auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return value;
  *text = base::to_valid_utf8(*text);
  return field.type == FieldType::named_numbers ? named_numbers(*text) : value;
}

}  // namespace

std::vector<Column> all_columns(Database& database) {
  std::vector<Column> columns = file_columns();
  for (const StoredFeatureSet& set : stored_feature_sets(database)) {
    const std::string table = quoted_identifier(set.table);
    for (const analyze::FieldInfo& field : set.set.fields) {
      columns.push_back({{field.name, field.type, field.size, field.unit, field.definition},
                         table + "." + quoted_identifier(field.name),
                         table});
    }
  }
  return columns;
}

std::vector<Column> choose_columns(const std::vector<Column>& columns, const std::vector<std::string>& names) {
  std::vector<Column> chosen;
  std::set<std::string> taken;
  for (const std::string& name : names) {
    bool any = false;
    for (const Column& column : columns) {
      if (column.field.name != name && !column.field.name.starts_with(name + ".")) continue;
      any = true;
      if (taken.insert(column.field.name).second) chosen.push_back(column);
    }
    if (!any) find_column(columns, name);
  }
  return chosen;
}

Conditions::Conditions(const std::vector<Column>& columns, const std::vector<std::string>& conditions) {
  bool names_state = false;
  for (const std::string& condition : conditions) {
    const std::size_t begin = condition.find_first_of("=!<>~");
    std::size_t end = begin == std::string::npos ? begin : begin + 1;
    if (end < condition.size() && condition[end] == '=' && condition[begin] != '=' && condition[begin] != '~') ++end;
    const std::string operation = begin == std::string::npos ? "" : condition.substr(begin, end - begin);
    if (begin == 0 || operation.empty() || operation == "!") {
      throw Error(ErrorCode::invalid_argument, condition,
                  "is no condition; write NAME=VALUE with =, !=, <, <=, >, >= or ~");
    }
    const Column& column = find_column(columns, condition.substr(0, begin));
    names_state = names_state || column.field.name == "state";
    add(column, operation, condition.substr(end));
  }
  if (!names_state) add(find_column(columns, "state"), "=", "present");
}

void Conditions::add(const Column& column, const std::string& operation, const std::string& text) {
  const FieldType type = column.field.type;
  if (type == FieldType::vector || type == FieldType::named_numbers) {
    throw Error(ErrorCode::invalid_argument, column.field.name, "is a list, which no condition compares");
  }
  columns_.push_back(column);
  if (operation == "~") {
    conditions_.push_back({fmt::format("instr(lower({}), lower(?)) > 0", column.expression), text});
  } else {
    conditions_.push_back({fmt::format("{} {} ?", column.expression, operation), condition_value(column, text)});
  }
}

std::string Conditions::clause() const {
  std::string sql;
  for (const Condition& condition : conditions_) sql += (sql.empty() ? "WHERE " : " AND ") + condition.sql;
  return sql;
}

void Conditions::bind(SQLite::Statement& statement) const {
  records::SqliteBinder binder(statement);
  for (const Condition& condition : conditions_) binder.bind(condition.value);
}

std::string select_columns(const std::vector<Column>& columns, const Conditions& conditions) {
  std::string expressions;
  std::set<std::string> tables;
  for (const Column& column : columns) {
    expressions += (expressions.empty() ? "" : ", ") + column.expression;
    tables.insert(column.table);
  }
  for (const Column& column : conditions.columns()) tables.insert(column.table);
  std::string sql = fmt::format("SELECT {} FROM tracks", expressions);
  for (const std::string& table : tables) {
    if (!table.empty()) sql += fmt::format(" LEFT JOIN {0} ON {0}.track = tracks.id", table);
  }
  return fmt::format("{} {} ORDER BY tracks.path", sql, conditions.clause());
}

records::Record read_columns(SQLite::Statement& row, const std::vector<Column>& columns) {
  records::Record record;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    record.push_back(value_of(row.getColumn(static_cast<int>(i)), columns[i].field));
  }
  return record;
}

}  // namespace vivace::library
