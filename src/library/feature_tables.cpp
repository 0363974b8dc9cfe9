#include "library/feature_tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "library/clock.hpp"
#include "library/query.hpp"
#include "records/schema.hpp"
#include "records/sqlite_table.hpp"

namespace vivace::library {
namespace {

using analyze::FieldInfo;
using analyze::FieldValue;
using records::quoted_identifier;

// SQLite joins at most 64 tables; one of them is `tracks`.
constexpr std::size_t kMostJoined = 63;
// No feature or model has more numbers; what another program wrote must not decide how much memory is taken.
constexpr std::int64_t kLargestVector = 1 << 20;

records::FieldType field_type(const std::string& name) {
  using enum records::FieldType;
  for (const records::FieldType type : {boolean, integer, number, text, vector, matrix, named_numbers}) {
    if (records::field_type_name(type) == name) return type;
  }
  throw Error(ErrorCode::corrupt_data, "fields", fmt::format("a field of the unknown type '{}'", name));
}

std::size_t field_size(Database& database, const std::string& field, std::int64_t size) {
  if (size >= 0 && size <= kLargestVector) return static_cast<std::size_t>(size);
  throw Error(ErrorCode::corrupt_data, database.path(),
              fmt::format("is no intact library: '{}' is said to hold {} numbers", field, size));
}

std::vector<FieldInfo> stored_fields(Database& database, std::int64_t set) {
  Query rows(database,
             "SELECT name, type, size, unit, range, definition FROM fields WHERE feature_set = ? ORDER BY position",
             set);
  std::vector<FieldInfo> fields;
  while (rows.step()) {
    fields.push_back({rows.text(0), field_type(rows.text(1)), field_size(database, rows.text(0), rows.integer(2)),
                      rows.text(3), rows.text(4), rows.text(5)});
  }
  return fields;
}

constexpr const char* kSetColumns =
    "SELECT id, table_name, configuration_hash, name, kind, description, version, configuration FROM feature_sets";

StoredFeatureSet read_set(Query& row) {
  return {row.integer(0),
          row.text(1),
          row.text(2),
          {row.text(3), row.text(4), row.text(5), static_cast<int>(row.integer(6)), row.text(7), {}}};
}

std::optional<StoredFeatureSet> find_set(Database& database, const std::string& name) {
  std::optional<StoredFeatureSet> found;
  {
    Query row(database, fmt::format("{} WHERE name = ?", kSetColumns), name);
    if (row.step()) found = read_set(row);
  }
  if (found) found->set.fields = stored_fields(database, found->id);
  return found;
}

/// "features_true_peak", with a number behind it where that is taken.
std::string new_table_name(Database& database, const std::string& set) {
  std::string base = "features_";
  for (const char c : set) base += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
  std::string name = base;
  for (int number = 2; integer_of(database, "SELECT count(*) FROM sqlite_master WHERE name = ?", name) > 0; ++number) {
    name = fmt::format("{}_{}", base, number);
  }
  return name;
}

StoredFeatureSet insert_set(Database& database, const FeatureSet& set) {
  const std::string table = new_table_name(database, set.name);
  execute(database,
          "INSERT INTO feature_sets (name, kind, description, table_name, version, configuration, configuration_hash, "
          "changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          set.name, set.kind, set.description, table, set.version, set.configuration, set.configuration_hash(),
          unix_seconds());
  const std::int64_t id = database.connection().getLastInsertRowid();
  database.connection().exec(
      fmt::format("CREATE TABLE {} (track INTEGER PRIMARY KEY REFERENCES tracks (id) ON DELETE CASCADE)",
                  quoted_identifier(table)));
  return {
      id, table, set.configuration_hash(), {set.name, set.kind, set.description, set.version, set.configuration, {}}};
}

bool same_column(const FieldInfo& a, const FieldInfo& b) { return a.name == b.name && a.type == b.type; }

bool same_field(const FieldInfo& a, const FieldInfo& b) {
  return same_column(a, b) && a.size == b.size && a.unit == b.unit && a.range == b.range &&
         a.definition == b.definition;
}

bool has_column_of(const std::vector<FieldInfo>& fields, const FieldInfo& field) {
  return std::any_of(fields.begin(), fields.end(), [&](const FieldInfo& other) { return same_column(other, field); });
}

void change_columns(Database& database, const std::string& table, const std::vector<FieldInfo>& from,
                    const std::vector<FieldInfo>& to) {
  const std::string name = quoted_identifier(table);
  for (const FieldInfo& field : from) {
    if (has_column_of(to, field)) continue;
    database.connection().exec(fmt::format("ALTER TABLE {} DROP COLUMN {}", name, quoted_identifier(field.name)));
  }
  for (const FieldInfo& field : to) {
    if (has_column_of(from, field)) continue;
    database.connection().exec(fmt::format("ALTER TABLE {} ADD COLUMN {} {}", name, quoted_identifier(field.name),
                                           records::sqlite_type(field.type)));
  }
}

void require_free(Database& database, const std::vector<FieldInfo>& fields) {
  for (const FieldInfo& field : fields) {
    Query owner(database,
                "SELECT feature_sets.name FROM fields JOIN feature_sets ON id = feature_set WHERE fields.name = ?",
                field.name);
    if (!owner.step()) continue;
    throw Error(ErrorCode::invalid_argument, database.path(),
                fmt::format("the field '{}' belongs to '{}' already", field.name, owner.text(0)));
  }
}

void document_fields(Database& database, std::int64_t set, const std::vector<FieldInfo>& fields) {
  execute(database, "DELETE FROM fields WHERE feature_set = ?", set);
  require_free(database, fields);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const FieldInfo& field = fields[i];
    execute(database, "INSERT INTO fields VALUES (?, ?, ?, ?, ?, ?, ?, ?)", set, i, field.name,
            std::string(records::field_type_name(field.type)), field.size, field.unit, field.range, field.definition);
  }
}

void drop_view(Database& database) { database.connection().exec("DROP VIEW IF EXISTS everything"); }

/// The view `everything`: tracks with the fields of all feature sets.
void make_view(Database& database) {
  std::string columns;
  std::string joins;
  std::vector<StoredFeatureSet> sets = stored_feature_sets(database);
  if (sets.size() > kMostJoined) sets.resize(kMostJoined);
  for (const StoredFeatureSet& set : sets) {
    const std::string table = quoted_identifier(set.table);
    for (const FieldInfo& field : set.set.fields)
      columns += fmt::format(", {}.{}", table, quoted_identifier(field.name));
    joins += fmt::format(" LEFT JOIN {0} ON {0}.track = tracks.id", table);
  }
  drop_view(database);
  database.connection().exec(fmt::format("CREATE VIEW everything AS SELECT tracks.*{} FROM tracks{}", columns, joins));
}

void update_set(Database& database, const StoredFeatureSet& stored, const FeatureSet& set) {
  execute(database,
          "UPDATE feature_sets SET kind = ?, description = ?, version = ?, configuration = ?, configuration_hash = ?, "
          "changed_at = ? WHERE id = ?",
          set.kind, set.description, set.version, set.configuration, set.configuration_hash(), unix_seconds(),
          stored.id);
  drop_view(database);
  change_columns(database, stored.table, stored.set.fields, set.fields);
  document_fields(database, stored.id, set.fields);
  make_view(database);
}

bool is_current(const StoredFeatureSet& stored, const FeatureSet& set) {
  return stored.set.version == set.version && stored.set.configuration == set.configuration &&
         stored.set.description == set.description && stored.set.kind == set.kind &&
         std::equal(stored.set.fields.begin(), stored.set.fields.end(), set.fields.begin(), set.fields.end(),
                    same_field);
}

void refuse_older(Database& database, const StoredFeatureSet& stored, const FeatureSet& set) {
  if (stored.set.version <= set.version) return;
  throw Error(
      ErrorCode::unsupported, database.path(),
      fmt::format("'{}' is there in version {}, this vivace makes version {}; use the newer vivace, or leave it "
                  "out with --without {}",
                  set.name, stored.set.version, set.version, set.name));
}

std::map<std::string, std::string> reasons_of(Database& database, const StoredFeatureSet& set, std::int64_t track) {
  Query rows(database, "SELECT field, reason FROM reasons WHERE track = ? AND feature_set = ?", track, set.id);
  std::map<std::string, std::string> reasons;
  while (rows.step()) reasons.emplace(rows.text(0), rows.text(1));
  return reasons;
}

std::string put_statement(const StoredFeatureSet& set) {
  std::string names = "track";
  std::string marks = "?";
  for (const FieldInfo& field : set.set.fields) {
    names += ", " + quoted_identifier(field.name);
    marks += ", ?";
  }
  return fmt::format("INSERT OR REPLACE INTO {} ({}) VALUES ({})", quoted_identifier(set.table), names, marks);
}

std::string get_statement(const StoredFeatureSet& set) {
  const std::string table = quoted_identifier(set.table);
  std::string names = "track";
  for (const FieldInfo& field : set.set.fields) names += fmt::format(", {}.{}", table, quoted_identifier(field.name));
  return fmt::format("SELECT {} FROM {} WHERE track = ?", names, table);
}

bool is_finite(const FieldValue& field) {
  if (const auto* number = std::get_if<double>(&field.value)) return std::isfinite(*number);
  if (const auto* numbers = std::get_if<records::NamedNumbers>(&field.value)) {
    return std::all_of(numbers->begin(), numbers->end(), [](const auto& named) { return std::isfinite(named.second); });
  }
  const auto* list = std::get_if<std::vector<float>>(&field.value);
  return list == nullptr || std::all_of(list->begin(), list->end(), [](float value) { return std::isfinite(value); });
}

/// The value as it is stored: what is no finite number is no value.
const FieldValue& stored_form(const FieldValue& field) {
  static const FieldValue not_finite = analyze::none("not a finite number");
  return is_finite(field) ? field : not_finite;
}

}  // namespace

StoredFeatureSet store_feature_set(Database& database, const FeatureSet& set) {
  database.transaction([&] {
    const std::optional<StoredFeatureSet> known = find_set(database, set.name);
    if (known) refuse_older(database, *known, set);
    if (!known || !is_current(*known, set)) update_set(database, known ? *known : insert_set(database, set), set);
  });
  return database.run([&] { return *find_set(database, set.name); });
}

std::vector<StoredFeatureSet> stored_feature_sets(Database& database) {
  return database.run([&] {
    std::vector<StoredFeatureSet> sets;
    {
      Query rows(database, fmt::format("{} ORDER BY name", kSetColumns));
      while (rows.step()) sets.push_back(read_set(rows));
    }
    for (StoredFeatureSet& set : sets) set.set.fields = stored_fields(database, set.id);
    return sets;
  });
}

void put_values(Database& database, const StoredFeatureSet& set, std::int64_t track,
                const std::vector<FieldValue>& values) {
  execute(database, "DELETE FROM reasons WHERE track = ? AND feature_set = ?", track, set.id);
  {
    Query put(database, put_statement(set), track);
    records::SqliteBinder binder(put.statement(), 2);
    for (const FieldValue& value : values) binder.bind(stored_form(value).value);
    put.execute();
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const FieldValue& value = stored_form(values[i]);
    if (!std::holds_alternative<std::monostate>(value.value)) continue;
    execute(database, "INSERT INTO reasons VALUES (?, ?, ?, ?)", track, set.id, set.set.fields[i].name, value.reason);
  }
}

std::vector<FieldValue> values_of(Database& database, const StoredFeatureSet& set, std::int64_t track) {
  const std::map<std::string, std::string> reasons = reasons_of(database, set, track);
  std::vector<FieldValue> values;
  Query row(database, get_statement(set), track);
  if (!row.step()) return values;
  for (std::size_t i = 0; i < set.set.fields.size(); ++i) {
    FieldValue& field = values.emplace_back();
    field.value = records::sqlite_value(row.column(static_cast<int>(i) + 1), set.set.fields[i].type);
    const auto reason = reasons.find(set.set.fields[i].name);
    if (reason != reasons.end()) field.reason = reason->second;
  }
  return values;
}

void remove_values(Database& database, const StoredFeatureSet& set, std::int64_t track) {
  execute(database, fmt::format("DELETE FROM {} WHERE track = ?", quoted_identifier(set.table)), track);
  execute(database, "DELETE FROM reasons WHERE track = ? AND feature_set = ?", track, set.id);
}

}  // namespace vivace::library
