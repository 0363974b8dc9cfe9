#pragma once

#include <cstdint>
#include <optional>
#include <string>

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

/// Nothing where a set was never tried on a track. Throws SQLite::Exception.
std::optional<ResultRow> find_result(Database& database, std::int64_t set, std::int64_t track);

}  // namespace vivace::library
