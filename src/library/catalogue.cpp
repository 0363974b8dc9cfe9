#include "library/catalogue.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "base/sha256.hpp"
#include "library/clock.hpp"
#include "library/feature_tables.hpp"
#include "library/query.hpp"
#include "library/results.hpp"

namespace vivace::library {
namespace {

namespace fs = std::filesystem;

// The temporary tables are this connection's own.
constexpr const char* kTemporaryTables = R"sql(
DROP TABLE IF EXISTS temp.scanned;
DROP TABLE IF EXISTS temp.selection;
CREATE TEMP TABLE scanned (path PRIMARY KEY, size INTEGER, mtime_ns INTEGER, ours INTEGER) WITHOUT ROWID;
CREATE INDEX temp.scanned_by_size ON scanned (size, mtime_ns);
CREATE TEMP TABLE selection (track INTEGER PRIMARY KEY);
)sql";

struct KnownTrack {
  std::int64_t id = 0;
  std::string path;
};

struct NewFile {
  std::string path;
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::optional<std::string> hash{};
};

bool is_gone(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

std::string file_name(const std::string& path) { return fs::path(path).filename().string(); }

/// The name by which parts of a job share out a file.
std::string name_below(const fs::path& root, const fs::path& path) {
  std::string name = path.lexically_relative(root).string();
  return name == "." ? path.filename().string() : name;
}

class Update {
 public:
  Update(Database& database, const std::vector<fs::path>& roots, const CatalogueOptions& options)
      : database_(database), roots_(roots), options_(options) {}

  CatalogueReport run(const std::vector<jobs::FoundFile>& files) {
    database_.run([&] { database_.connection().exec(kTemporaryTables); });
    database_.transaction([&] { put_scanned(files); });
    hash_new_files();
    database_.transaction([&] {
      drop_changed();
      recognise_moved();
      add_new();
      mark_missing();
      select();
    });
    return std::move(report_);
  }

 private:
  void put_scanned(const std::vector<jobs::FoundFile>& files) {
    for (const jobs::FoundFile& file : files) {
      if (file.problem) {
        report_.problems.push_back(file.path.string() + ": " + *file.problem);
        continue;
      }
      const bool ours = options_.shard.holds(name_below(roots_[file.argument], file.path));
      report_.found += ours ? 1 : 0;
      execute(database_, "INSERT OR IGNORE INTO temp.scanned VALUES (?, ?, ?, ?)", StoredPath{file.path.string()},
              file.size, file.mtime_ns, ours);
    }
  }

  /// Outside of any transaction, as it takes long.
  void hash_new_files() {
    database_.run([&] {
      Query rows(database_,
                 "SELECT path, size, mtime_ns FROM temp.scanned WHERE ours AND path NOT IN (SELECT path FROM tracks)");
      while (rows.step()) new_files_.push_back({rows.text(0), rows.integer(1), rows.integer(2)});
    });
    if (!options_.hash) return;
    for (NewFile& file : new_files_) {
      try {
        file.hash = base::sha256_of_file(file.path);
      } catch (const Error& error) {
        report_.problems.emplace_back(error.what());
      }
    }
  }

  void drop_changed() {
    std::vector<std::int64_t> changed;
    {
      Query rows(database_,
                 "SELECT id FROM tracks JOIN temp.scanned USING (path) WHERE ours AND "
                 "(tracks.size, tracks.mtime_ns) IS NOT (scanned.size, scanned.mtime_ns)");
      while (rows.step()) changed.push_back(rows.integer(0));
    }
    for (const std::int64_t track : changed) forget_results(database_, track);
    execute(database_,
            "UPDATE tracks SET size = scanned.size, mtime_ns = scanned.mtime_ns, content_hash = NULL, duration_s = "
            "NULL, sample_rate_hz = NULL, channels = NULL, container = NULL, codec = NULL, truncated = NULL "
            "FROM temp.scanned WHERE scanned.path = tracks.path AND ours AND "
            "(tracks.size, tracks.mtime_ns) IS NOT (scanned.size, scanned.mtime_ns)");
    report_.changed = changed.size();
  }

  void recognise_moved() {
    std::erase_if(new_files_, [&](const NewFile& file) {
      const std::optional<std::int64_t> track = find_moved(file);
      if (!track) return false;
      execute(database_,
              "UPDATE tracks SET path = ?, mtime_ns = ?, content_hash = coalesce(?, content_hash) "
              "WHERE id = ?",
              StoredPath{file.path}, file.mtime_ns, file.hash, *track);
      ++report_.moved;
      return true;
    });
  }

  /// A track of the same content whose path leads nowhere now. Without a digest, size and time must be the same, and so
  /// must the name unless there is no choice.
  std::optional<std::int64_t> find_moved(const NewFile& file) {
    if (file.hash) {
      const std::vector<KnownTrack> same = gone("content_hash = ?", *file.hash);
      if (!same.empty()) return same.front().id;
    }
    const std::vector<KnownTrack> alike = gone("size = ? AND mtime_ns = ?", file.size, file.mtime_ns);
    for (const KnownTrack& track : alike) {
      if (file_name(track.path) == file_name(file.path)) return track.id;
    }
    if (alike.size() != 1 || is_one_of_several(file)) return std::nullopt;
    return alike.front().id;
  }

  bool is_one_of_several(const NewFile& file) {
    return integer_of(database_, "SELECT count(*) FROM temp.scanned WHERE size = ? AND mtime_ns = ?", file.size,
                      file.mtime_ns) > 1;
  }

  template <typename... Arguments>
  std::vector<KnownTrack> gone(const std::string& condition, const Arguments&... arguments) {
    std::vector<KnownTrack> tracks;
    Query rows(database_, "SELECT id, path FROM tracks WHERE " + condition, arguments...);
    while (rows.step()) {
      if (is_gone(rows.text(1))) tracks.push_back({rows.integer(0), rows.text(1)});
    }
    return tracks;
  }

  void add_new() {
    for (const NewFile& file : new_files_) {
      // Another process may have been faster.
      report_.added += static_cast<std::size_t>(
          execute(database_, "INSERT OR IGNORE INTO tracks (path, size, mtime_ns, content_hash) VALUES (?, ?, ?, ?)",
                  StoredPath{file.path}, file.size, file.mtime_ns, file.hash));
    }
    execute(database_,
            "UPDATE tracks SET state = 'present', seen_at = ? WHERE path IN (SELECT path FROM temp.scanned WHERE ours)",
            unix_seconds());
  }

  /// Among the tracks below the roots that the scan did not meet, those that are really gone.
  void mark_missing() {
    for (const fs::path& root : roots_) {
      for (const KnownTrack& track : unseen_below(root.string())) {
        if (!is_gone(track.path)) continue;
        execute(database_, "UPDATE tracks SET state = 'missing' WHERE id = ?", track.id);
        ++report_.missing;
      }
    }
  }

  std::vector<KnownTrack> unseen_below(const std::string& root) {
    Query rows(
        database_,
        "SELECT id, path FROM tracks WHERE state = 'present' AND path NOT IN (SELECT path FROM temp.scanned) AND "
        "(path = ?1 OR substr(CAST(path AS BLOB), 1, ?2) = CAST(?3 AS BLOB))",
        StoredPath{root}, root.size() + 1, root + "/");
    std::vector<KnownTrack> tracks;
    while (rows.step()) tracks.push_back({rows.integer(0), rows.text(1)});
    return tracks;
  }

  void select() {
    execute(database_, "INSERT INTO temp.selection SELECT id FROM tracks JOIN temp.scanned USING (path) WHERE ours");
  }

  Database& database_;
  const std::vector<fs::path>& roots_;
  const CatalogueOptions& options_;
  std::vector<NewFile> new_files_;
  CatalogueReport report_;
};

}  // namespace

CatalogueReport update_catalogue(Database& database, const std::vector<fs::path>& roots,
                                 const std::vector<jobs::FoundFile>& files, const CatalogueOptions& options) {
  return Update(database, roots, options).run(files);
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
