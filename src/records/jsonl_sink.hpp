#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "records/sink.hpp"

namespace vivace::records {

/// JSON lines: one object a record, as `append_json_line` writes it.
std::unique_ptr<Sink> open_jsonl_sink(SinkOptions options);

/// `read_existing`; a file has no tables, so that `table` is not looked at.
std::vector<ExistingRecord> read_jsonl(const std::filesystem::path& path, const std::vector<std::string>& key_fields,
                                       const std::string& table);

}  // namespace vivace::records
