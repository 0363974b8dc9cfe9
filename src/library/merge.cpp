#include "library/merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/files.hpp"
#include "library/feature_tables.hpp"
#include "library/query.hpp"
#include "library/track_row.hpp"

namespace vivace::library {
namespace {

constexpr std::size_t kTracksPerTransaction = 500;

/// A feature set as both sides have it.
struct SetPair {
  StoredFeatureSet source;
  StoredFeatureSet target;
};

bool same_file(const TrackRow& a, const TrackRow& b) { return a.size == b.size && a.mtime_ns == b.mtime_ns; }

bool same_values(const std::vector<analyze::FieldValue>& a, const std::vector<analyze::FieldValue>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& left, const auto& right) {
    return left.value == right.value && left.reason == right.reason;
  });
}

bool same_outcome(const ResultRow& a, const ResultRow& b) {
  return a.state == b.state && a.configuration_hash == b.configuration_hash && a.error_code == b.error_code &&
         a.error_message == b.error_message;
}

/// Whether a result counts for the set as it is.
bool is_current(const ResultRow& result, const StoredFeatureSet& set) {
  return result.version == set.set.version && result.configuration_hash == set.configuration_hash;
}

/// Whether `challenger` is to replace `held`, both of `set`.
bool is_better(const ResultRow& challenger, const ResultRow& held, const StoredFeatureSet& set) {
  if (is_current(challenger, set) != is_current(held, set)) return is_current(challenger, set);
  const bool challenger_done = challenger.state == "done";
  const bool held_done = held.state == "done";
  if (challenger_done != held_done) return challenger_done;
  return challenger.finished_at > held.finished_at;
}

class Merge {
 public:
  Merge(Database& target, Database& source) : target_(target), source_(source) {}

  MergeReport run() {
    std::optional<SQLite::Transaction> one_state;
    source_.run([&] { one_state.emplace(source_.connection()); });
    pair_sets();
    std::vector<TrackRow> tracks = next_tracks(0);
    while (!tracks.empty()) {
      target_.transaction([&] {
        for (const TrackRow& track : tracks) merge_track(track);
      });
      tracks = next_tracks(tracks.back().id);
    }
    return std::move(report_);
  }

 private:
  void pair_sets() {
    const std::vector<StoredFeatureSet> known = stored_feature_sets(target_);
    for (const StoredFeatureSet& source : stored_feature_sets(source_)) {
      const auto same = std::find_if(known.begin(), known.end(),
                                     [&](const StoredFeatureSet& set) { return set.set.name == source.set.name; });
      if (same != known.end() && same->set.version > source.set.version) continue;
      const bool keeps = same != known.end() && same->set.version == source.set.version;
      if (keeps && same->configuration_hash != source.configuration_hash) {
        report_.conflicts.push_back(
            fmt::format("{}: computed with other settings ({} instead of {}); its results are kept "
                        "and count as out of date",
                        source.set.name, source.set.configuration, same->set.configuration));
      }
      pairs_.push_back({source, keeps ? *same : store_feature_set(target_, source.set)});
    }
  }

  std::vector<TrackRow> next_tracks(std::int64_t after) {
    return source_.run([&] {
      std::vector<TrackRow> tracks;
      Query rows(source_, select_tracks("WHERE id > ? ORDER BY id LIMIT ?"), after, kTracksPerTransaction);
      while (rows.step()) tracks.push_back(read_track_row(rows));
      return tracks;
    });
  }

  std::optional<TrackRow> find_in_target(const std::string& path) {
    Query row(target_, select_tracks("WHERE path = ?"), StoredPath{path});
    return row.step() ? std::optional(read_track_row(row)) : std::nullopt;
  }

  void merge_track(const TrackRow& track) {
    ++report_.tracks;
    const std::optional<TrackRow> held = find_in_target(track.path);
    if (!held) {
      ++report_.added;
      return copy_results(track.id, insert(track));
    }
    if (same_file(*held, track)) {
      if (track.seen_at > held->seen_at) {
        update(held->id, track);
      } else if (!held->properties && track.properties) {
        put_properties(target_, held->id, *track.properties);
      }
      return copy_results(track.id, held->id);
    }
    const bool is_newer = track.seen_at > held->seen_at;
    conflict(track.path, fmt::format("the file differs ({} and {} bytes); the one that was seen last is kept",
                                     held->size, track.size));
    if (!is_newer) return;
    execute(target_, "DELETE FROM tracks WHERE id = ?", held->id);
    copy_results(track.id, insert(track));
  }

  void conflict(const std::string& path, const std::string& what) {
    report_.conflicts.push_back(base::to_valid_utf8(path) + ": " + what);
  }

  std::int64_t insert(const TrackRow& track) {
    execute(target_, "INSERT INTO tracks (path, size, mtime_ns) VALUES (?, ?, ?)", StoredPath{track.path}, track.size,
            track.mtime_ns);
    const std::int64_t id = target_.connection().getLastInsertRowid();
    update(id, track);
    return id;
  }

  void update(std::int64_t id, const TrackRow& track) {
    execute(target_, "UPDATE tracks SET state = ?, seen_at = ?, content_hash = coalesce(?, content_hash) WHERE id = ?",
            track.state, track.seen_at, track.content_hash, id);
    if (track.properties) put_properties(target_, id, *track.properties);
  }

  void copy_results(std::int64_t from, std::int64_t to) {
    for (const SetPair& pair : pairs_) copy_result(pair, from, to);
  }

  void copy_result(const SetPair& pair, std::int64_t from, std::int64_t to) {
    const std::optional<ResultRow> result = source_.run([&] { return find_result(source_, pair.source.id, from); });
    if (!result || result->version != pair.target.set.version) return;
    const std::vector<analyze::FieldValue> values = source_.run([&] { return values_of(source_, pair.source, from); });
    if (const std::optional<ResultRow> held = find_result(target_, pair.target.id, to)) {
      if (same_outcome(*held, *result) && same_values(values_of(target_, pair.target, to), values)) return;
      const bool replaces = is_better(*result, *held, pair.target);
      conflict(path_of(target_, to), fmt::format("results of '{}' differ; {} is kept", pair.target.set.name,
                                                 replaces ? "that of " + source_.path() : "the one there"));
      if (!replaces) return;
    }
    put_result(target_, pair.target, to, *result, values);
  }

  Database& target_;
  Database& source_;
  std::vector<SetPair> pairs_;
  MergeReport report_;
};

}  // namespace

MergeReport merge(Database& target, Database& source) { return Merge(target, source).run(); }

}  // namespace vivace::library
