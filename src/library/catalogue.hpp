#pragma once

#include <cstddef>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "jobs/scan.hpp"
#include "jobs/shard.hpp"
#include "library/database.hpp"

namespace vivace::library {

struct CatalogueOptions {
  jobs::Shard shard{};
  /// Read files whole whose content was never hashed, so that those that were moved are known by their content even
  /// where their time has changed.
  bool hash = false;
  /// Ends early what takes long: hashing, and telling moved files from new ones.
  std::stop_token stop{};
};

/// What a look at the disk brought.
struct CatalogueReport {
  std::size_t found = 0;              ///< files of this part of the job
  std::size_t added = 0;              ///< new ones
  std::size_t changed = 0;            ///< with another size or time than before: what was known of them is dropped
  std::size_t moved = 0;              ///< known from a path where there is nothing any more
  std::size_t missing = 0;            ///< no longer there
  bool stopped = false;               ///< before all was hashed, or it was known of all files whether they were moved
  std::vector<std::string> problems;  ///< "path: why", what could not be looked at
};

/// Brings the table `tracks` in line with the files that `scan` chooses below `roots` (absolute), and makes them the
/// selection: the temporary table `selection (track)` of this connection. Tracks elsewhere are left alone; so are those
/// below a root where nothing at all is left of them, as a drive that is not mounted looks like that: that is a
/// problem. The disk is looked at while others can write to the library.
CatalogueReport update_catalogue(Database& database, const std::vector<std::filesystem::path>& roots,
                                 const jobs::ScanOptions& scan, const CatalogueOptions& options);

/// The folders and files that a command names in one spelling, however it named them. Throws Error(not_found).
std::vector<std::filesystem::path> absolute_roots(const std::vector<std::string>& arguments);

}  // namespace vivace::library
