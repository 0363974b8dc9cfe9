#pragma once

#include <SQLiteCpp/Exception.h>

#include <string>

#include "vivace/error.hpp"

struct sqlite3;

namespace vivace::records {

/// What SQLite reported, in the house's words: `path` is the database, `handle` its connection or null.
Error to_error(const SQLite::Exception& exception, const std::string& path, sqlite3* handle);

}  // namespace vivace::records
