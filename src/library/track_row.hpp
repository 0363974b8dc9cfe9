#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "library/query.hpp"
#include "library/results.hpp"

namespace vivace::library {

/// A row of `tracks`.
struct TrackRow {
  std::int64_t id = 0;
  std::string path;
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::optional<std::string> content_hash;
  std::string state;
  double seen_at = 0;
  std::optional<TrackProperties> properties;
};

/// A statement that selects what `read_track_row` reads; `rest` are the clauses behind FROM.
std::string select_tracks(const std::string& rest);
TrackRow read_track_row(Query& row);

// The calls below throw SQLite::Exception.

/// Empty where there is no such track.
std::string path_of(Database& database, std::int64_t track);

void put_properties(Database& database, std::int64_t track, const TrackProperties& properties);

/// A row of `results`.
struct ResultRow {
  std::string state;
  int version = 0;
  std::string configuration_hash;
  double seconds = 0;
  double finished_at = 0;
  std::optional<std::string> error_code;
  std::optional<std::string> error_message;
};

/// Nothing where a set was never tried on a track.
std::optional<ResultRow> find_result(Database& database, std::int64_t set, std::int64_t track);

/// Writes a result with its values, one a field or none, in place of those that are there.
void put_result(Database& database, const StoredFeatureSet& set, std::int64_t track, const ResultRow& result,
                const std::vector<analyze::FieldValue>& values);

}  // namespace vivace::library
