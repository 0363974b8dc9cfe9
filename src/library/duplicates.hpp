#pragma once

#include <string>
#include <vector>

#include "library/database.hpp"

namespace vivace::library {

/// Files of one content.
struct DuplicateGroup {
  std::string content_hash;
  std::vector<std::string> paths;  ///< at least two, ascending
};

/// The groups of present tracks that have the same content, by first path. Files of equal size whose content is not yet
/// known are read for it, and the digests are kept. Those that cannot be read are left out.
std::vector<DuplicateGroup> find_duplicates(Database& database);

}  // namespace vivace::library
