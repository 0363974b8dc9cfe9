#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "records/sink.hpp"
#include "vivace/error.hpp"

namespace vivace::records {

/// A record as a text output holds it.
struct StoredRecord {
  ExistingRecord record;
  std::string text;  ///< its bytes, line end included
};

/// A file with the records of an earlier run.
struct StoredFile {
  std::filesystem::path path;
  bool finished = true;  ///< false: a run was interrupted while writing it, so what follows the last line end is torn
};

/// The lines of a stored file one by one, each with its line end; a torn last line is dropped.
class StoredLines {
 public:
  /// Throws Error(unavailable) where the file cannot be opened.
  explicit StoredLines(const StoredFile& file);

  /// Reads the next line into `line`; false at the end. Throws Error(unavailable) where it cannot be read.
  bool next(std::string& line);
  /// An error of this file that names the line read last.
  Error corrupt(std::string_view reason) const;

  const StoredFile& file() const { return file_; }

 private:
  StoredFile file_;
  std::ifstream stream_;
  std::size_t line_ = 0;
};

/// The records of a stored file one by one.
class StoredRecords {
 public:
  virtual ~StoredRecords() = default;
  /// Reads the next record; false at the end. Throws Error(corrupt_data) for what is no record.
  virtual bool next(StoredRecord& stored) = 0;
};

/// How records are written as lines of text, and found again.
class TextFormat {
 public:
  virtual ~TextFormat() = default;

  /// What stands before the first record, line end included; empty where the format has nothing there.
  virtual std::string header(const Schema& schema) const = 0;
  /// Appends a record that fits the schema, line end included.
  virtual void append_record(std::string& text, const Schema& schema, const Record& record) const = 0;
  /// Opens a file of this format. Throws Error(invalid_argument) where it has not the key fields, or other fields than
  /// `schema` (null: any).
  virtual std::unique_ptr<StoredRecords> open(const StoredFile& file, const std::vector<std::string>& key_fields,
                                              const Schema* schema) const = 0;
};

}  // namespace vivace::records
