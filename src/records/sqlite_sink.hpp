#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "records/sink.hpp"

namespace vivace::records {

/// An SQLite database in WAL mode, with the records in a table as `SqliteTable` lays it out. Records are written in
/// short transactions, so several processes can write to one database.
std::unique_ptr<Sink> open_sqlite_sink(SinkOptions options);

/// The version of the SQLite library, e.g. "3.40.1".
std::string sqlite_version();

/// `read_existing`.
std::vector<ExistingRecord> read_sqlite(const std::filesystem::path& path, const std::vector<std::string>& key_fields,
                                        const std::string& table);

}  // namespace vivace::records
