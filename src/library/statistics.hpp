#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "library/database.hpp"

namespace vivace::library {

/// {"tracks", "missing", "duration_s", "bytes", "duplicates", "codecs": {name: tracks}, "feature_sets": [{"name",
/// "kind", "version", "fields", "done", "failed", "open", "seconds"}], "failures": {code: tracks}, "processes"}.
nlohmann::json statistics(Database& database);

/// The same for people.
std::string to_text(const nlohmann::json& statistics);

/// A track that failed, wholly or in part.
struct FailedTrack {
  std::string path;
  std::string sets;  ///< "level, onsets"
  std::string code;
  std::string message;
};

/// By path; the first so many, or all.
std::vector<FailedTrack> failed_tracks(Database& database, std::optional<std::size_t> most = {});
/// How many there are.
std::size_t count_failed_tracks(Database& database);

}  // namespace vivace::library
