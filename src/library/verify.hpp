#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "library/database.hpp"

namespace vivace::library {

struct Verification {
  std::vector<std::string> problems;  ///< a line each; none where the library is sound
  std::size_t workers = 0;            ///< processes at work on it now
  std::size_t leases = 0;             ///< tracks that they have taken on
};

/// Checks the file as SQLite does, and that the tables fit together: no values without a result, no results without
/// values, no null without a reason, nothing left by processes that ended.
Verification verify(Database& database);

}  // namespace vivace::library
