#include "library/results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/files.hpp"
#include "base/sha256.hpp"
#include "library/clock.hpp"
#include "library/query.hpp"
#include "library/track_row.hpp"

namespace vivace::library {
namespace {

// Whether a result counts for the set ?1 of version ?2 and configuration ?3.
constexpr const char* kIsCurrent =
    "feature_set = ?1 AND version = ?2 AND configuration_hash = ?3 AND results.state IN ('done', 'failed')";

void store_set(Database& database, const StoredFeatureSet& set, std::int64_t track, const SetOutcome& outcome) {
  ResultRow row{"done", set.set.version, set.configuration_hash, outcome.seconds, unix_seconds(), {}, {}};
  if (outcome.error) {
    row.state = "failed";
    row.error_code = error_code_name(outcome.error->code());
    row.error_message = outcome.error->message();
  }
  put_result(database, set, track, row, outcome.values);
}

}  // namespace

std::string kind_of(const std::filesystem::path& file) { return base::lower_case(file.extension().string()); }

Results::Results(Database& database, std::vector<StoredFeatureSet> sets, std::string scope)
    : database_(database), sets_(std::move(sets)), scope_(std::move(scope)) {}

std::vector<OpenTrack> Results::open_tracks() {
  database_.connection().exec("CREATE TEMP TABLE IF NOT EXISTS open (track INTEGER PRIMARY KEY); DELETE FROM open");
  for (const StoredFeatureSet& set : sets_) {
    execute(database_,
            fmt::format("INSERT OR IGNORE INTO temp.open SELECT track FROM temp.selection WHERE NOT EXISTS "
                        "(SELECT 1 FROM results WHERE {} AND results.track = selection.track)",
                        kIsCurrent),
            set.id, set.set.version, set.configuration_hash);
  }
  std::vector<OpenTrack> tracks;
  Query rows(database_, "SELECT id, size, path FROM temp.open JOIN tracks ON id = track ORDER BY path");
  while (rows.step()) {
    tracks.push_back({rows.integer(0), rows.integer(1), kind_of(rows.text(2))});
  }
  return tracks;
}

std::vector<std::size_t> Results::open_sets(std::int64_t track) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < sets_.size(); ++i) {
    const bool done = integer_of(database_, fmt::format("SELECT 1 FROM results WHERE {} AND track = ?4", kIsCurrent),
                                 sets_[i].id, sets_[i].set.version, sets_[i].configuration_hash, track) > 0;
    if (!done) open.push_back(i);
  }
  return open;
}

std::optional<TrackFile> Results::file_of(std::int64_t track) {
  Query row(database_, "SELECT path, size, mtime_ns FROM tracks WHERE id = ?", track);
  if (!row.step()) return std::nullopt;
  return TrackFile{track, row.text(0), row.integer(1), row.integer(2)};
}

bool Results::store(const TrackOutcome& outcome) {
  require_unchanged_sets();
  const TrackFile& file = outcome.file;
  if (integer_of(database_, "SELECT 1 FROM tracks WHERE id = ? AND size = ? AND mtime_ns = ?", file.id, file.size,
                 file.mtime_ns) == 0) {
    return false;
  }
  if (outcome.properties) put_properties(database_, file.id, *outcome.properties);
  for (const SetOutcome& set : outcome.sets) store_set(database_, sets_[set.set], file.id, set);
  return true;
}

void Results::reopen(std::size_t set) {
  if (goes_on("overwrite " + sets_[set].set.name, {sets_[set]})) return;
  execute(database_,
          "UPDATE results SET state = 'stale' WHERE feature_set = ? AND track IN (SELECT track FROM temp.selection)",
          sets_[set].id);
}

void Results::reopen_failures() {
  if (goes_on("retry failed", sets_)) return;
  for (const StoredFeatureSet& set : sets_) {
    execute(database_,
            "UPDATE results SET state = 'stale' WHERE state = 'failed' AND feature_set = ? AND track IN "
            "(SELECT track FROM temp.selection)",
            set.id);
  }
}

void Results::reopen_track(std::int64_t track) {
  for (const StoredFeatureSet& set : sets_) {
    execute(database_, "UPDATE results SET state = 'stale' WHERE feature_set = ? AND track = ?", set.id, track);
  }
}

/// Whether a job that was stopped began with this, and left some of it to do. Remembers it for the next one.
bool Results::goes_on(const std::string& reopened, const std::vector<StoredFeatureSet>& sets) {
  if (execute(database_, "INSERT OR IGNORE INTO meta VALUES (?, 1)", key(reopened)) > 0) return false;
  return std::ranges::any_of(sets, [&](const StoredFeatureSet& set) {
    return integer_of(database_,
                      "SELECT 1 FROM results WHERE feature_set = ? AND state = 'stale' AND track IN "
                      "(SELECT track FROM temp.selection) LIMIT 1",
                      set.id) > 0;
  });
}

std::string Results::key(const std::string& reopened) const {
  base::Sha256 scope;
  scope.update(scope_);
  return "reopened " + scope.finish() + " " + reopened;
}

void Results::forget_reopened() {
  database_.transaction([&] { execute(database_, "DELETE FROM meta WHERE key GLOB ?", key("*")); });
}

void Results::require_unchanged_sets() {
  for (const StoredFeatureSet& set : sets_) {
    if (integer_of(database_, "SELECT 1 FROM feature_sets WHERE id = ? AND version = ? AND configuration_hash = ?",
                   set.id, set.set.version, set.configuration_hash) > 0) {
      continue;
    }
    throw Error(ErrorCode::unavailable, database_.path(),
                fmt::format("another process has begun to compute '{}' with other settings; run the same command again "
                            "when it has ended",
                            set.set.name));
  }
}

void forget_results(Database& database, const std::vector<StoredFeatureSet>& all_sets, std::int64_t track) {
  for (const StoredFeatureSet& set : all_sets) remove_values(database, set, track);
  execute(database, "DELETE FROM results WHERE track = ?", track);
  execute(database, "DELETE FROM deaths WHERE track = ?", track);
}

}  // namespace vivace::library
