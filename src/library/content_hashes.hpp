#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "library/database.hpp"
#include "library/results.hpp"

namespace vivace::library {

/// How long files are hashed before the digests are written.
constexpr std::chrono::seconds kHashingBatch{2};

/// The digest of a file; where it cannot be read nothing, and a line in `problems`.
std::optional<std::string> content_hash(const std::string& path, std::vector<std::string>& problems);

/// Reads tracks whole and stores the SHA-256 of their content, in batches, so that who goes on later reads none twice.
/// Files that changed meanwhile are left out. Ends early after `stop`. Returns what could not be read: "path: why".
std::vector<std::string> hash_tracks(Database& database, const std::vector<TrackFile>& tracks,
                                     const std::stop_token& stop);

}  // namespace vivace::library
