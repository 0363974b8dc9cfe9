#include "library/verify.hpp"

#include <fmt/format.h>

#include "library/feature_tables.hpp"
#include "library/query.hpp"
#include "library/worker.hpp"
#include "records/sqlite_table.hpp"

namespace vivace::library {
namespace {

using records::FieldType;
using records::quoted_identifier;

/// Whether the value {0} is of another kind than its field, in SQL.
const char* is_of_another_kind(FieldType type) {
  switch (type) {
    case FieldType::boolean:
    case FieldType::integer: return "typeof({0}) NOT IN ('null', 'integer')";
    case FieldType::number: return "typeof({0}) NOT IN ('null', 'integer', 'real')";
    case FieldType::vector:
    case FieldType::matrix: return "{0} IS NOT NULL AND (typeof({0}) <> 'blob' OR length({0}) % 4 <> 0)";
    case FieldType::named_numbers:
      return "{0} IS NOT NULL AND CASE WHEN NOT json_valid({0}) THEN 1 WHEN json_type({0}) <> 'object' THEN 1 ELSE "
             "EXISTS (SELECT 1 FROM json_each({0}) WHERE type NOT IN ('integer', 'real')) END";
    default: return "typeof({0}) NOT IN ('null', 'text')";
  }
}

class Check {
 public:
  explicit Check(Database& database) : database_(database) {}

  Verification run() {
    check_file();
    for (const StoredFeatureSet& set : stored_feature_sets(database_)) check_set(set);
    check_count("reasons for values that are not there",
                "SELECT count(*) FROM reasons WHERE NOT EXISTS (SELECT 1 FROM results WHERE results.track = "
                "reasons.track AND results.feature_set = reasons.feature_set)");
    check_workers();
    return found_;
  }

 private:
  void check_file() {
    SQLite::Statement integrity(database_.connection(), "PRAGMA integrity_check");
    while (integrity.executeStep()) {
      const std::string line = integrity.getColumn(0).getString();
      if (line != "ok") found_.problems.push_back("integrity: " + line);
    }
    SQLite::Statement orphans(database_.connection(), "PRAGMA foreign_key_check");
    while (orphans.executeStep()) {
      found_.problems.push_back(fmt::format("{}: row {} belongs to no row of {}", orphans.getColumn(0).getString(),
                                            orphans.getColumn(1).getString(), orphans.getColumn(2).getString()));
    }
  }

  void check_set(const StoredFeatureSet& set) {
    const std::string table = quoted_identifier(set.table);
    check_count(
        fmt::format("{}: values without a result", set.set.name),
        fmt::format("SELECT count(*) FROM {} WHERE track NOT IN (SELECT track FROM results WHERE feature_set = ?)",
                    table),
        set.id);
    check_count(fmt::format("{}: results without values", set.set.name),
                fmt::format("SELECT count(*) FROM results WHERE feature_set = ? AND state = 'done' AND track NOT IN "
                            "(SELECT track FROM {})",
                            table),
                set.id);
    for (const analyze::FieldInfo& field : set.set.fields) {
      check_field(set, field.name);
      check_kind(set, field);
      if (field.type == FieldType::vector && field.size > 0) check_vectors(set, field);
    }
  }

  /// Results with other settings may have other lengths.
  void check_vectors(const StoredFeatureSet& set, const analyze::FieldInfo& field) {
    check_count(field.name + ": vectors of another length",
                fmt::format("SELECT count(*) FROM {} JOIN results USING (track) WHERE feature_set = ? AND version = ? "
                            "AND configuration_hash = ? AND length({}) <> ?",
                            quoted_identifier(set.table), quoted_identifier(field.name)),
                set.id, set.set.version, set.configuration_hash, field.size * sizeof(float));
  }

  void check_kind(const StoredFeatureSet& set, const analyze::FieldInfo& field) {
    const std::string table = quoted_identifier(set.table);
    const std::string value = table + "." + quoted_identifier(field.name);
    check_count(field.name + ": values of another kind",
                fmt::format("SELECT count(*) FROM {} WHERE {}", table,
                            fmt::format(fmt::runtime(is_of_another_kind(field.type)), value)));
  }

  /// Results of another version may lack fields that came since.
  void check_field(const StoredFeatureSet& set, const std::string& field) {
    const std::string table = quoted_identifier(set.table);
    check_count(
        field + ": nulls without a reason",
        fmt::format("SELECT count(*) FROM {0} JOIN results USING (track) WHERE feature_set = ?1 AND version = ?2 "
                    "AND {0}.{1} IS NULL AND NOT EXISTS (SELECT 1 FROM reasons WHERE reasons.track = {0}.track "
                    "AND reasons.feature_set = ?1 AND field = ?3)",
                    table, quoted_identifier(field)),
        set.id, set.set.version, field);
  }

  void check_workers() {
    Query rows(
        database_,
        "SELECT host, system, pid, started, (SELECT count(*) FROM leases WHERE worker = workers.id) FROM workers");
    const std::string here = this_process().system;
    while (rows.step()) {
      const ProcessIdentity process{rows.text(0), rows.text(1), rows.integer(2), rows.integer(3)};
      if (process.system == here && !still_runs(process)) {
        found_.problems.push_back(
            fmt::format("process {} on {} ended and left {} leases; the next 'vivace analyze' "
                        "takes them over",
                        process.pid, process.host, rows.integer(4)));
        continue;
      }
      ++found_.workers;
      found_.leases += static_cast<std::size_t>(rows.integer(4));
    }
  }

  template <typename... Arguments>
  void check_count(const std::string& what, const std::string& sql, const Arguments&... arguments) {
    const std::int64_t count = integer_of(database_, sql, arguments...);
    if (count > 0) found_.problems.push_back(fmt::format("{}: {}", what, count));
  }

  Database& database_;
  Verification found_;
};

}  // namespace

Verification verify(Database& database) {
  return database.run([&] { return Check(database).run(); });
}

}  // namespace vivace::library
