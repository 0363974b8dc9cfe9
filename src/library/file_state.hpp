#pragma once

#include <string>

#include "library/results.hpp"

namespace vivace::library {

/// Whether the file is still as the library knows it: there, with the same size and time.
bool is_unchanged(const TrackFile& file);

/// Whether nothing is at a path; not where the disk does not tell.
bool is_gone(const std::string& path);

}  // namespace vivace::library
