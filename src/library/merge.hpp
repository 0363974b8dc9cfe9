#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "library/database.hpp"

namespace vivace::library {

struct MergeReport {
  std::size_t tracks = 0;              ///< read
  std::size_t added = 0;               ///< that the target did not have
  std::vector<std::string> conflicts;  ///< "path: what differed, and what was kept"
};

/// Brings all that the library `source` knows into `target`. Where both know a track, the one that saw the file last
/// tells what the file is; results of the same file are taken together. Of two results that differ, one with the
/// target's settings wins, then one that is done, else the newer one. Results of an older version than the target's are
/// left out, as they would be made anew.
MergeReport merge(Database& target, Database& source);

}  // namespace vivace::library
