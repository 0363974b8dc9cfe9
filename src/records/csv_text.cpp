#include "records/csv_text.hpp"

#include <algorithm>

namespace vivace::records {
namespace {

void append_quoted(std::string& text, std::string_view cell) {
  text += '"';
  for (std::size_t quote; (quote = cell.find('"')) != std::string_view::npos;) {
    text += cell.substr(0, quote + 1);
    text += '"';
    cell.remove_prefix(quote + 1);
  }
  text += cell;
  text += '"';
}

std::string_view without_line_end(std::string_view record) {
  if (record.ends_with('\n')) record.remove_suffix(1);
  if (record.ends_with('\r')) record.remove_suffix(1);
  return record;
}

/// Where the cell at the front of `record` ends. A quote that stands twice ends one quoted stretch and begins another.
std::size_t cell_length(std::string_view record) {
  std::size_t at = 0;
  while (at < record.size() && record[at] == '"') {
    const std::size_t closing = record.find('"', at + 1);
    if (closing == std::string_view::npos) return record.size();
    at = closing + 1;
  }
  return std::min(record.find(',', at), record.size());
}

}  // namespace

void append_csv_cell(std::string& text, std::string_view cell) {
  if (cell.empty() || cell.find_first_of(",\"\r\n") != std::string_view::npos) {
    append_quoted(text, cell);
  } else {
    text += cell;
  }
}

bool has_odd_quotes(std::string_view line) { return std::count(line.begin(), line.end(), '"') % 2 == 1; }

std::vector<std::string_view> split_csv(std::string_view record) {
  std::vector<std::string_view> cells;
  record = without_line_end(record);
  for (;;) {
    const std::size_t length = cell_length(record);
    cells.push_back(record.substr(0, length));
    if (length == record.size()) return cells;
    record.remove_prefix(length + 1);
  }
}

std::string csv_cell_text(std::string_view cell) {
  if (!cell.starts_with('"')) return std::string(cell);
  std::string text;
  cell.remove_prefix(1);
  if (cell.ends_with('"')) cell.remove_suffix(1);
  for (std::size_t quote; (quote = cell.find('"')) != std::string_view::npos;) {
    text += cell.substr(0, quote + 1);
    cell.remove_prefix(std::min(quote + 2, cell.size()));
  }
  text += cell;
  return text;
}

}  // namespace vivace::records
