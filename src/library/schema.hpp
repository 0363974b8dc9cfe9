#pragma once

#include "library/database.hpp"

namespace vivace::library {

/// Whether nothing is in the database yet. Throws SQLite::Exception.
bool is_empty(Database& database);

/// Makes the tables where the database is empty. Throws SQLite::Exception.
void make_schema(Database& database);

/// Throws Error(invalid_argument) where the database belongs to another program, Error(unsupported) where a newer
/// vivace made it, and SQLite::Exception.
void check_schema(Database& database);

/// Brings a library of an earlier schema to this one. Throws as `Database::transaction`.
void update_schema(Database& database);

}  // namespace vivace::library
