#include "library/catalogue.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <system_error>
#include <utility>

#include "base/files.hpp"
#include "library/clock.hpp"
#include "library/content_hashes.hpp"
#include "library/feature_tables.hpp"
#include "library/file_state.hpp"
#include "library/gone_tracks.hpp"
#include "library/query.hpp"
#include "library/results.hpp"
#include "library/show.hpp"

namespace vivace::library {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// The temporary tables are this connection's own.
constexpr const char* kTemporaryTables = R"sql(
DROP TABLE IF EXISTS temp.scanned;
DROP TABLE IF EXISTS temp.selection;
CREATE TEMP TABLE scanned (path PRIMARY KEY, size INTEGER, mtime_ns INTEGER, ours INTEGER) WITHOUT ROWID;
CREATE INDEX temp.scanned_by_size ON scanned (size, mtime_ns);
CREATE TEMP TABLE selection (track INTEGER PRIMARY KEY);
)sql";

constexpr const char* kUnknownFiles = "temp.scanned WHERE ours AND path NOT IN (SELECT path FROM tracks)";

/// The name by which parts of a job share out a file.
std::string name_below(const fs::path& root, const fs::path& path) {
  std::string name = path.lexically_relative(root).string();
  return name == "." ? path.filename().string() : name;
}

class Update {
 public:
  Update(Database& database, const std::vector<fs::path>& roots, const CatalogueOptions& options)
      : database_(database), roots_(roots), options_(options), found_below_(roots.size()) {}

  CatalogueReport run(const jobs::ScanOptions& scan) {
    database_.run([&] { put_scanned(scan); });
    drop_changed();
    take_in_moved();
    const std::vector<TrackName> missing = database_.run([&] { return find_missing(); });
    database_.transaction([&] {
      add_new();
      mark_missing(missing);
      select();
    });
    if (options_.hash) hash_selection();
    report_.stopped = report_.stopped || (options_.hash && options_.stop.stop_requested());
    return std::move(report_);
  }

 private:
  /// The transaction locks only the temporary tables.
  void put_scanned(const jobs::ScanOptions& scan) {
    database_.connection().exec(kTemporaryTables);
    SQLite::Transaction transaction(database_.connection());
    jobs::scan_files(roots_, scan, [&](const jobs::FoundFile& file) { put_scanned(file); });
    transaction.commit();
  }

  void put_scanned(const jobs::FoundFile& file) {
    if (file.problem) {
      report_.problems.push_back(file.path.string() + ": " + *file.problem);
      return;
    }
    const bool ours = options_.shard.holds(name_below(roots_[file.argument], file.path));
    report_.found += ours ? 1 : 0;
    ++found_below_[file.argument];
    execute(database_, "INSERT OR IGNORE INTO temp.scanned VALUES (?, ?, ?, ?)", StoredPath{file.path.string()},
            file.size, file.mtime_ns, ours);
  }

  void drop_changed() {
    const std::vector<StoredFeatureSet> sets = stored_feature_sets(database_);
    database_.transaction([&] {
      const std::vector<std::int64_t> changed = changed_tracks();
      for (const std::int64_t track : changed) forget_results(database_, sets, track);
      execute(database_,
              "UPDATE tracks SET size = scanned.size, mtime_ns = scanned.mtime_ns, content_hash = NULL, duration_s = "
              "NULL, sample_rate_hz = NULL, channels = NULL, container = NULL, codec = NULL, truncated = NULL "
              "FROM temp.scanned WHERE scanned.path = tracks.path AND ours AND "
              "(tracks.size, tracks.mtime_ns) IS NOT (scanned.size, scanned.mtime_ns)");
      report_.changed = changed.size();
    });
  }

  std::vector<std::int64_t> changed_tracks() {
    std::vector<std::int64_t> changed;
    Query rows(database_,
               "SELECT id FROM tracks JOIN temp.scanned USING (path) WHERE ours AND "
               "(tracks.size, tracks.mtime_ns) IS NOT (scanned.size, scanned.mtime_ns)");
    while (rows.step()) changed.push_back(rows.integer(0));
    return changed;
  }

  /// Takes in the files that could be gone tracks: moved, or new.
  void take_in_moved() {
    GoneTracks gone = database_.run([&] { return find_gone(); });
    if (gone.empty()) return;
    const std::vector<NewFile> files = database_.run([&] { return unknown_files_like_tracks(); });
    std::size_t next = 0;
    while (next < files.size() && !options_.stop.stop_requested()) next = take_in(files, next, gone);
    // What is left when it was stopped is for the next run, which will know what it is.
    report_.stopped = next < files.size();
    for (; next < files.size(); ++next) {
      database_.run(
          [&] { execute(database_, "DELETE FROM temp.scanned WHERE path = ?", StoredPath{files[next].path}); });
    }
  }

  /// What must be the same where a file is a track that was moved.
  const char* identity() const { return options_.hash ? "size" : "(size, mtime_ns)"; }

  GoneTracks find_gone() {
    GoneTracks gone;
    Query rows(database_, fmt::format("SELECT id, path, size, mtime_ns, content_hash FROM tracks WHERE {0} IN (SELECT "
                                      "{1} FROM {2}) AND path NOT IN (SELECT path FROM temp.scanned)",
                                      identity(), options_.hash ? "size" : "size, mtime_ns", kUnknownFiles));
    while (rows.step()) {
      if (!is_gone(rows.text(1))) continue;
      gone.add({rows.integer(0), rows.text(1), rows.integer(2), rows.integer(3),
                rows.is_null(4) ? std::nullopt : std::optional(rows.text(4))});
    }
    return gone;
  }

  std::vector<NewFile> unknown_files_like_tracks() {
    std::vector<NewFile> files;
    Query rows(database_,
               fmt::format("SELECT path, size, mtime_ns FROM {0} AND {1} IN (SELECT {2} FROM tracks) ORDER BY path",
                           kUnknownFiles, identity(), options_.hash ? "size" : "size, mtime_ns"));
    while (rows.step()) files.push_back({rows.text(0), rows.integer(1), rows.integer(2)});
    return files;
  }

  /// Takes in as many files as are hashed in a batch's time, from `next` on. Returns the next one.
  std::size_t take_in(const std::vector<NewFile>& files, std::size_t next, GoneTracks& gone) {
    const Clock::time_point end = Clock::now() + kHashingBatch;
    std::vector<std::pair<NewFile, std::optional<GoneTrack>>> batch;
    for (; next < files.size() && Clock::now() < end && !options_.stop.stop_requested(); ++next) {
      NewFile file = files[next];
      if (options_.hash) file.hash = content_hash(file.path, report_.problems);
      std::optional<GoneTrack> track = gone.take(file, is_alone(file));
      batch.emplace_back(std::move(file), std::move(track));
    }
    database_.transaction([&] {
      for (const auto& [file, track] : batch) {
        if (!track || !move(*track, file)) add(file);
      }
    });
    return next;
  }

  bool is_alone(const NewFile& file) {
    return database_.run([&] {
      return integer_of(database_, "SELECT count(*) FROM temp.scanned WHERE size = ? AND mtime_ns = ?", file.size,
                        file.mtime_ns) == 1;
    });
  }

  /// False where another process has moved the track, or taken in the file, meanwhile.
  bool move(const GoneTrack& track, const NewFile& file) {
    const int moved = execute(database_,
                              "UPDATE OR IGNORE tracks SET path = ?, mtime_ns = ?, content_hash = coalesce(?, "
                              "content_hash) WHERE id = ? AND path = ?",
                              StoredPath{file.path}, file.mtime_ns, file.hash, track.id, StoredPath{track.path});
    report_.moved += static_cast<std::size_t>(moved);
    return moved > 0;
  }

  void add(const NewFile& file) {
    report_.added += static_cast<std::size_t>(
        execute(database_, "INSERT OR IGNORE INTO tracks (path, size, mtime_ns, content_hash) VALUES (?, ?, ?, ?)",
                StoredPath{file.path}, file.size, file.mtime_ns, file.hash));
  }

  void add_new() {
    report_.added += static_cast<std::size_t>(execute(
        database_,
        fmt::format("INSERT INTO tracks (path, size, mtime_ns) SELECT path, size, mtime_ns FROM {}", kUnknownFiles)));
    execute(database_,
            "UPDATE tracks SET state = 'present', seen_at = ? WHERE path IN (SELECT path FROM temp.scanned WHERE ours)",
            unix_seconds());
  }

  /// Among the tracks below the roots that the scan did not meet, those that are really gone.
  std::vector<TrackName> find_missing() {
    std::vector<TrackName> missing;
    for (std::size_t i = 0; i < roots_.size(); ++i) {
      const std::vector<TrackName> unseen = unseen_below(roots_[i].string());
      std::vector<TrackName> gone;
      for (const TrackName& track : unseen) {
        if (is_gone(track.path)) gone.push_back(track);
      }
      if (found_below_[i] == 0 && !gone.empty() && gone.size() == unseen.size()) {
        report_.problems.push_back(
            fmt::format("{}: holds no music now, but the library knows {} tracks below it; is a drive not mounted? "
                        "They are left as they are",
                        base::to_valid_utf8(roots_[i].string()), gone.size()));
        continue;
      }
      missing.insert(missing.end(), gone.begin(), gone.end());
    }
    return missing;
  }

  void mark_missing(const std::vector<TrackName>& tracks) {
    for (const TrackName& track : tracks) {
      report_.missing += static_cast<std::size_t>(
          execute(database_, "UPDATE tracks SET state = 'missing' WHERE id = ? AND path = ? AND state = 'present'",
                  track.id, StoredPath{track.path}));
    }
  }

  std::vector<TrackName> unseen_below(const std::string& root) {
    const std::string folder = root.ends_with('/') ? root : root + "/";
    Query rows(
        database_,
        "SELECT id, path FROM tracks WHERE state = 'present' AND path NOT IN (SELECT path FROM temp.scanned) AND "
        "(path = ?1 OR substr(CAST(path AS BLOB), 1, ?2) = CAST(?3 AS BLOB))",
        StoredPath{root}, folder.size(), folder);
    std::vector<TrackName> tracks;
    while (rows.step()) tracks.push_back({rows.integer(0), rows.text(1)});
    return tracks;
  }

  void select() {
    execute(database_, "INSERT INTO temp.selection SELECT id FROM tracks JOIN temp.scanned USING (path) WHERE ours");
  }

  void hash_selection() {
    std::vector<TrackFile> tracks;
    database_.run([&] {
      Query rows(database_,
                 "SELECT id, path, size, mtime_ns FROM tracks JOIN temp.selection ON track = id WHERE content_hash IS "
                 "NULL ORDER BY path");
      while (rows.step()) tracks.push_back({rows.integer(0), rows.text(1), rows.integer(2), rows.integer(3)});
    });
    for (std::string& problem : hash_tracks(database_, tracks, options_.stop)) {
      report_.problems.push_back(std::move(problem));
    }
  }

  Database& database_;
  const std::vector<fs::path>& roots_;
  const CatalogueOptions& options_;
  std::vector<std::size_t> found_below_;  // files, a root
  CatalogueReport report_;
};

}  // namespace

CatalogueReport update_catalogue(Database& database, const std::vector<fs::path>& roots, const jobs::ScanOptions& scan,
                                 const CatalogueOptions& options) {
  return Update(database, roots, options).run(scan);
}

std::vector<fs::path> absolute_roots(const std::vector<std::string>& arguments) {
  std::vector<fs::path> roots;
  for (const std::string& argument : arguments) {
    std::error_code error;
    fs::path root = fs::canonical(argument, error);
    if (error) throw Error(ErrorCode::not_found, argument, error.message());
    roots.push_back(std::move(root));
  }
  return roots;
}

}  // namespace vivace::library
