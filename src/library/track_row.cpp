#include "library/track_row.hpp"

namespace vivace::library {
namespace {

std::optional<std::string> optional_text(Query& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.text(column));
}

}  // namespace

std::string select_tracks(const std::string& rest) {
  return "SELECT id, path, size, mtime_ns, content_hash, state, seen_at, duration_s, sample_rate_hz, channels, "
         "container, codec, truncated FROM tracks " +
         rest;
}

TrackRow read_track_row(Query& row) {
  TrackRow track{row.integer(0),        row.text(1), row.integer(2), row.integer(3),
                 optional_text(row, 4), row.text(5), row.number(6),  {}};
  if (row.is_null(7)) return track;
  track.properties = TrackProperties{row.number(7),
                                     static_cast<int>(row.integer(8)),
                                     static_cast<std::size_t>(row.integer(9)),
                                     row.text(10),
                                     row.text(11),
                                     row.integer(12) != 0};
  return track;
}

std::string path_of(Database& database, std::int64_t track) {
  Query row(database, "SELECT path FROM tracks WHERE id = ?", track);
  return row.step() ? row.text(0) : "";
}

void put_properties(Database& database, std::int64_t track, const TrackProperties& properties) {
  execute(database,
          "UPDATE tracks SET duration_s = ?, sample_rate_hz = ?, channels = ?, container = ?, codec = ?, truncated = ? "
          "WHERE id = ?",
          properties.duration_s, properties.sample_rate_hz, properties.channels, properties.container, properties.codec,
          properties.truncated, track);
}

std::optional<ResultRow> find_result(Database& database, std::int64_t set, std::int64_t track) {
  Query row(database,
            "SELECT state, version, configuration_hash, seconds, finished_at, error_code, error_message FROM results "
            "WHERE feature_set = ? AND track = ?",
            set, track);
  if (!row.step()) return std::nullopt;
  return ResultRow{row.text(0),          static_cast<int>(row.integer(1)),
                   row.text(2),          row.number(3),
                   row.number(4),        optional_text(row, 5),
                   optional_text(row, 6)};
}

void put_result(Database& database, const StoredFeatureSet& set, std::int64_t track, const ResultRow& result,
                const std::vector<analyze::FieldValue>& values) {
  execute(database, "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", track, set.id, result.state,
          result.version, result.configuration_hash, result.seconds, result.finished_at, result.error_code,
          result.error_message);
  values.empty() ? remove_values(database, set, track) : put_values(database, set, track, values);
}

}  // namespace vivace::library
