#include "library/schema.hpp"

#include <fmt/format.h>

#include "library/query.hpp"
#include "vivace/version.hpp"

namespace vivace::library {
namespace {

constexpr int kApplication = 0x76697661;  // "viva", so that `file` and we know whose it is
constexpr int kSchema = 2;
constexpr int kFirstSchema = 1;

constexpr const char* kTables = R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE tracks (
  id INTEGER PRIMARY KEY,
  path NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  content_hash TEXT,
  state TEXT NOT NULL DEFAULT 'present' CHECK (state IN ('present', 'missing')),
  seen_at REAL,
  duration_s REAL,
  sample_rate_hz INTEGER,
  channels INTEGER,
  container TEXT,
  codec TEXT,
  truncated INTEGER
);
CREATE INDEX tracks_by_size ON tracks (size, mtime_ns);
CREATE INDEX tracks_by_content ON tracks (content_hash) WHERE content_hash IS NOT NULL;

CREATE TABLE feature_sets (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  description TEXT NOT NULL,
  table_name TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  configuration TEXT NOT NULL,
  configuration_hash TEXT NOT NULL,
  changed_at REAL
);

CREATE TABLE fields (
  feature_set INTEGER NOT NULL REFERENCES feature_sets (id),
  position INTEGER NOT NULL,
  name TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  size INTEGER NOT NULL,
  unit TEXT NOT NULL,
  range TEXT NOT NULL,
  definition TEXT NOT NULL,
  PRIMARY KEY (feature_set, position)
) WITHOUT ROWID;

CREATE TABLE reasons (
  track INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
  feature_set INTEGER NOT NULL REFERENCES feature_sets (id),
  field TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (track, feature_set, field)
) WITHOUT ROWID;

CREATE TABLE workers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  host TEXT NOT NULL,
  system TEXT NOT NULL,
  pid INTEGER NOT NULL,
  started INTEGER NOT NULL,
  heartbeat INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE leases (
  track INTEGER PRIMARY KEY REFERENCES tracks (id) ON DELETE CASCADE,
  worker INTEGER NOT NULL REFERENCES workers (id) ON DELETE CASCADE
);
CREATE INDEX leases_by_worker ON leases (worker);
)sql";

// What schema 1 did not have, or in another order.
constexpr const char* kTablesOfSchema2 = R"sql(
CREATE TABLE results (
  track INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
  feature_set INTEGER NOT NULL REFERENCES feature_sets (id),
  state TEXT NOT NULL CHECK (state IN ('done', 'failed', 'stale')),
  version INTEGER NOT NULL,
  configuration_hash TEXT NOT NULL,
  seconds REAL,
  finished_at REAL,
  error_code TEXT,
  error_message TEXT,
  PRIMARY KEY (feature_set, track)
) WITHOUT ROWID;
CREATE INDEX results_by_track ON results (track);

CREATE TABLE deaths (
  track INTEGER PRIMARY KEY REFERENCES tracks (id) ON DELETE CASCADE,
  count INTEGER NOT NULL
);
)sql";

std::int64_t pragma(Database& database, const char* name) {
  return database.connection().execAndGet(fmt::format("PRAGMA {}", name)).getInt64();
}

void make_tables(Database& database) {
  database.connection().exec(kTables);
  database.connection().exec(kTablesOfSchema2);
  execute(database, "INSERT INTO meta VALUES ('created_by', ?)", std::string("vivace ") + version());
  database.connection().exec(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplication, kSchema));
}

void bring_from_schema_1(Database& database) {
  SQLite::Database& connection = database.connection();
  connection.exec("ALTER TABLE results RENAME TO old_results");
  connection.exec(kTablesOfSchema2);
  connection.exec("INSERT INTO results SELECT * FROM old_results ORDER BY feature_set, track; DROP TABLE old_results");
  connection.exec(fmt::format("PRAGMA user_version = {}", kSchema));
}

}  // namespace

bool is_empty(Database& database) {
  return database.connection().execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0;
}

void make_schema(Database& database) {
  database.transaction([&] {
    if (is_empty(database)) make_tables(database);
  });
}

void check_schema(Database& database) {
  if (pragma(database, "application_id") != kApplication) {
    throw Error(ErrorCode::invalid_argument, database.path(),
                "is a database, but no music library of vivace; name another file");
  }
  const std::int64_t schema = pragma(database, "user_version");
  if (schema >= kFirstSchema && schema <= kSchema) return;
  throw Error(
      ErrorCode::unsupported, database.path(),
      fmt::format("is a library of schema {}, this vivace knows {}; use the vivace that made it, or a newer one",
                  schema, kSchema));
}

void update_schema(Database& database) {
  if (pragma(database, "user_version") == kSchema) return;
  database.transaction([&] {
    if (pragma(database, "user_version") == kFirstSchema) bring_from_schema_1(database);
  });
}

}  // namespace vivace::library
