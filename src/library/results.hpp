#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "library/database.hpp"
#include "library/feature_tables.hpp"

namespace vivace::library {

/// A track and the state of its file that results are for.
struct TrackFile {
  std::int64_t id = 0;
  std::filesystem::path path;
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
};

/// A track for which something is to be done.
struct OpenTrack {
  std::int64_t id = 0;
  std::int64_t size = 0;  ///< bytes
  std::string kind;       ///< see kind_of
};

/// The extension of a file in lower case, ".mp3".
std::string kind_of(const std::filesystem::path& file);

/// What the file is.
struct TrackProperties {
  double duration_s = 0;
  int sample_rate_hz = 0;
  std::size_t channels = 0;
  std::string container;
  std::string codec;
  bool truncated = false;
};

/// What became of one feature set on a track.
struct SetOutcome {
  std::size_t set = 0;                      ///< an index of the job's feature sets
  std::vector<analyze::FieldValue> values;  ///< one a field; also where it failed, null with the reason
  double seconds = 0;
  std::optional<Error> error{};
};

/// What became of a track: an error for all of it, or an outcome for each of its feature sets.
struct TrackOutcome {
  TrackFile file;
  std::optional<TrackProperties> properties{};
  std::vector<SetOutcome> sets;
};

/// The journal of what was done: the table `results` with all that hangs on it. The calls throw SQLite::Exception and
/// belong into a transaction.
class Results {
 public:
  /// `database` outlives it. `scope` tells jobs over other files from this one, for what is reopened.
  Results(Database& database, std::vector<StoredFeatureSet> sets, std::string scope = "");

  const std::vector<StoredFeatureSet>& sets() const { return sets_; }

  /// The tracks of the selection (see update_catalogue) for which not all sets have a result of their version and
  /// configuration, in the order of their paths.
  std::vector<OpenTrack> open_tracks();
  /// The indexes of the sets that are missing for a track.
  std::vector<std::size_t> open_sets(std::int64_t track);
  /// The file of a track; nothing where there is no such track any more.
  std::optional<TrackFile> file_of(std::int64_t track);

  /// Writes what became of a track. False, and nothing is written, where the file is not the same any more as far as
  /// the database knows. Throws Error(unavailable) where another process uses another version or configuration.
  bool store(const TrackOutcome& outcome);

  /// Lets the results of a set, or all failures, count as not there for the tracks of the selection. Where an earlier
  /// job of this scope did so and was stopped before it was through, what it has done since counts.
  void reopen(std::size_t set);
  void reopen_failures();
  /// To be called when a job is through. A transaction of its own.
  void forget_reopened();
  /// Lets the results of all sets count as not there for a track.
  void reopen_track(std::int64_t track);

 private:
  void require_unchanged_sets();
  bool goes_on(const std::string& reopened, const std::vector<StoredFeatureSet>& sets);
  std::string key(const std::string& reopened) const;

  Database& database_;
  std::vector<StoredFeatureSet> sets_;
  std::string scope_;
};

/// Removes all results of a track, also those of sets that no job asks for. Throws SQLite::Exception.
void forget_results(Database& database, const std::vector<StoredFeatureSet>& all_sets, std::int64_t track);

}  // namespace vivace::library
