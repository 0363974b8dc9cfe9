#pragma once

#include <string>

#include "library/database.hpp"

namespace vivace::library {

/// SHA-256 of all that a library says of its tracks: files, results, values, reasons, fields. It does not depend on
/// row numbers, on the order in which rows were written, on times and on where the time went, so that two libraries of
/// one content have one digest.
std::string content_digest(Database& database);

}  // namespace vivace::library
