#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "records/sink.hpp"

namespace vivace::records {

/// CSV: a header line with the column names, then a line a record. Numbers are written as in JSON; vectors, matrices
/// and named numbers are one cell of JSON; a failure is two cells, code and message; null is an empty cell.
std::unique_ptr<Sink> open_csv_sink(SinkOptions options);

/// `read_existing`; a file has no tables, so that `table` is not looked at.
std::vector<ExistingRecord> read_csv(const std::filesystem::path& path, const std::vector<std::string>& key_fields,
                                     const std::string& table);

}  // namespace vivace::records
