#pragma once

#include <filesystem>
#include <vector>

#include "library/database.hpp"
#include "library/results.hpp"

namespace vivace::library {

/// The file beside a track that tells of it: `<track>.json`, the name of the track with ".json" behind it.
std::filesystem::path sidecar_path(const std::filesystem::path& track);

/// Brings the sidecar of a track up to date with an outcome that has properties: a JSON object as `vivace features
/// --json` prints it. It appears whole or not at all, and keys that are not ours are kept. What holds no JSON object is
/// left alone, and so is what cannot be read or written, with a warning. Throws Error(resource_exhausted) where the
/// disk is full.
void write_sidecar(const TrackOutcome& outcome, const std::vector<StoredFeatureSet>& sets);

/// Brings the sidecars of all tracks of the selection that were analysed, and on which no process works, up to date
/// with the database. Throws as `write_sidecar`.
void refresh_sidecars(Database& database);

}  // namespace vivace::library
