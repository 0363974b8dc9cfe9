#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "records/record.hpp"

namespace vivace::records {

/// Where records go. Not thread-safe: one writer. Records appear in the order of `write`.
/// All members throw Error: resource_exhausted (disk full), unavailable (cannot be written), invalid_argument (a record
/// that does not fit the schema; the sink can be used on).
class Sink {
 public:
  virtual ~Sink() = default;
  /// csv and jsonl: the record survives the end of this process from here on, in the file or in `<path>.partial`.
  /// db: it does so with the 64th record, or with the first that comes two seconds after the last such record.
  virtual void write(const Record& record) = 0;
  /// Makes what was written whole and visible under its name; nothing can be written after it. Without it a file sink
  /// leaves nothing under that name, and csv and jsonl leave `<path>.partial` for a later run to go on with.
  virtual void finish() = 0;
};

/// The field, and its value, that mark the record of an item that failed.
inline constexpr const char* kStatusField = "status";
inline constexpr const char* kFailedStatus = "failed";

/// A record that an output already holds, as far as continuing needs to know it.
struct ExistingRecord {
  std::vector<std::string> key;  ///< the values of the key fields, in their order
  bool failed = false;           ///< it has the status "failed"
};

/// The records in an output of an earlier run, also of an interrupted one; of those with the same key the one of the
/// latest run. Empty where there is no such file, or it is no regular file. Throws Error: unsupported (the format
/// cannot be continued: npy, parquet), corrupt_data (not such a file), invalid_argument (without the key fields),
/// unavailable (cannot be read).
std::vector<ExistingRecord> read_existing(const std::string& format, const std::filesystem::path& path,
                                          const std::vector<std::string>& key_fields,
                                          const std::string& table = "tracks");

struct SinkOptions {
  std::filesystem::path path;  ///< "-" is standard output where the format can be streamed (csv, jsonl)
  Schema schema;
  /// Names of the text fields that together identify a record, never null; a database replaces a record with the same
  /// key.
  std::vector<std::string> key_fields;
  /// Set: go on with an existing output, carrying over the records for which it returns true. Files only: a database
  /// always keeps what it holds. Needs key fields. Not set: what an earlier run left under this name is replaced.
  std::function<bool(const ExistingRecord&)> keep;
  std::string table = "tracks";  ///< databases only
};

/// Formats by name: "csv", "jsonl", "npy", "parquet", "db". Throws Error(invalid_argument) for others, listing the
/// known, and for a schema that the format cannot hold.
std::unique_ptr<Sink> open_sink(const std::string& format, SinkOptions options);

/// The format that a file name's extension asks for (".csv" -> "csv", ".jsonl"/".ndjson" -> "jsonl", ".npy" -> "npy",
/// ".parquet" -> "parquet", ".db"/".sqlite" -> "db", in any case); empty where it asks for none.
std::string format_of(const std::filesystem::path& path);

}  // namespace vivace::records
