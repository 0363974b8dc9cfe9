#pragma once

#include <SQLiteCpp/Database.h>

#include <chrono>

namespace vivace::records {

/// Has `database` write ahead to a log, so that its readers and its one writer do not wait for each other. SQLite
/// refuses the switch at once while another connection is at the file, whatever its own time-out; this tries again
/// until `patience` is over, and then throws SQLite::Exception.
void use_write_ahead_log(SQLite::Database& database, std::chrono::milliseconds patience);

}  // namespace vivace::records
