#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "library/database.hpp"

namespace vivace::library {

struct TrackName {
  std::int64_t id = 0;
  std::string path;
};

/// The tracks whose paths hold `part`, ASCII letters compared without case, by path; the only one of exactly this path
/// where there is one.
std::vector<TrackName> find_tracks(Database& database, const std::string& part);

/// All that is known of a track, a line a field.
std::string describe_track(Database& database, std::int64_t track);

}  // namespace vivace::library
