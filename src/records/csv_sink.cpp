#include "records/csv_sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "records/csv_text.hpp"
#include "records/json_line.hpp"
#include "records/schema.hpp"
#include "records/stored_output.hpp"
#include "records/text_format.hpp"
#include "records/text_sink.hpp"
#include "vivace/error.hpp"

namespace vivace::records {
namespace {

void append_json_cell(std::string& text, const Value& value) {
  std::string json;
  append_json(json, value);
  if (json != "null") append_csv_cell(text, json);
}

/// Appends the cell or, for a failure, the two cells of a value.
void append_cells(std::string& text, const Field& field, const Value& value) {
  if (const auto* failure = std::get_if<Failure>(&value)) {
    append_csv_cell(text, failure->code);
    text += ',';
    append_csv_cell(text, failure->message);
  } else if (const auto* words = std::get_if<std::string>(&value)) {
    append_csv_cell(text, *words);
  } else {
    append_json_cell(text, value);
    if (field.type == FieldType::failure) text += ',';
  }
}

std::vector<std::string> csv_texts(std::string_view record) {
  std::vector<std::string> texts;
  for (const std::string_view cell : split_csv(record)) texts.push_back(csv_cell_text(cell));
  return texts;
}

class StoredCsvRecords : public StoredRecords {
 public:
  StoredCsvRecords(const StoredFile& file, const std::vector<std::string>& key_fields, const Schema* schema)
      : lines_(file) {
    std::string first;
    if (!next_record(first)) return;
    const std::vector<std::string> names = csv_texts(first);
    if (schema != nullptr && names != column_names(*schema)) {
      throw unfit("holds other columns than would be written to it; write to another file");
    }
    find_columns(names, key_fields);
  }

  bool next(StoredRecord& stored) override {
    if (!next_record(stored.text)) return false;
    const std::vector<std::string_view> cells = split_csv(stored.text);
    if (cells.size() != columns_) {
      throw lines_.corrupt(fmt::format("ends a record of {} cells under {} columns", cells.size(), columns_));
    }
    stored.record.key.clear();
    for (const std::size_t column : key_columns_) stored.record.key.push_back(csv_cell_text(cells[column]));
    stored.record.failed = status_column_ && csv_cell_text(cells[*status_column_]) == kFailedStatus;
    return true;
  }

 private:
  /// A record may go over several lines; one without an end is torn.
  bool next_record(std::string& record) {
    if (!lines_.next(record)) return false;
    bool in_quotes = has_odd_quotes(record);
    for (std::string line; in_quotes; in_quotes ^= has_odd_quotes(line)) {
      if (!lines_.next(line)) return end_in_quotes();
      record += line;
    }
    return true;
  }

  bool end_in_quotes() const {
    if (lines_.file().finished) throw lines_.corrupt("ends inside a quoted cell");
    return false;
  }

  void find_columns(const std::vector<std::string>& names, const std::vector<std::string>& key_fields) {
    columns_ = names.size();
    status_column_ = column(names, kStatusField);
    for (const std::string& name : key_fields) {
      const auto index = column(names, name);
      if (!index) throw unfit(fmt::format("has no column '{}'; write to another file", name));
      key_columns_.push_back(*index);
    }
  }

  static std::optional<std::size_t> column(const std::vector<std::string>& names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names.begin());
  }

  Error unfit(std::string message) const {
    return Error(ErrorCode::invalid_argument, lines_.file().path.string(), std::move(message));
  }

  StoredLines lines_;
  std::size_t columns_ = 0;
  std::vector<std::size_t> key_columns_;
  std::optional<std::size_t> status_column_;
};

class CsvFormat : public TextFormat {
 public:
  std::string header(const Schema& schema) const override {
    std::string text;
    for (const std::string& name : column_names(schema)) {
      if (!text.empty()) text += ',';
      append_csv_cell(text, name);
    }
    return text += '\n';
  }

  void append_record(std::string& text, const Schema& schema, const Record& record) const override {
    for (std::size_t i = 0; i < schema.size(); ++i) {
      if (i > 0) text += ',';
      append_cells(text, schema[i], record[i]);
    }
    text += '\n';
  }

  std::unique_ptr<StoredRecords> open(const StoredFile& file, const std::vector<std::string>& key_fields,
                                      const Schema* schema) const override {
    return std::make_unique<StoredCsvRecords>(file, key_fields, schema);
  }
};

const CsvFormat kFormat;

}  // namespace

std::unique_ptr<Sink> open_csv_sink(SinkOptions options) {
  return std::make_unique<TextSink>(kFormat, std::move(options));
}

std::vector<ExistingRecord> read_csv(const std::filesystem::path& path, const std::vector<std::string>& key_fields,
                                     const std::string&) {
  return read_stored(kFormat, path, key_fields);
}

}  // namespace vivace::records
