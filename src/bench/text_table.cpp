#include "bench/text_table.hpp"

#include <algorithm>
#include <string_view>

#include "bench/wording.hpp"

namespace vivace::bench {
namespace {

/// In letters: a terminal shows each of those used here in one column.
std::vector<std::size_t> widths_of(const std::vector<TableRow>& rows) {
  std::vector<std::size_t> widths;
  for (const TableRow& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], letters_of(row[i]));
  }
  return widths;
}

}  // namespace

std::string text_table(const std::vector<TableRow>& rows, const std::vector<bool>& is_number) {
  const std::vector<std::size_t> widths = widths_of(rows);
  std::string text;
  for (const TableRow& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - letters_of(row[i]), ' ');
      line.append("  ").append(is_number[i] ? padding + row[i] : row[i] + padding);
    }
    text.append(line, 0, line.find_last_not_of(' ') + 1).append("\n");
  }
  return text;
}

std::string markdown_table(const std::vector<TableRow>& rows, const std::vector<bool>& is_number) {
  std::string text;
  for (const TableRow& row : rows) {
    text += "|";
    for (const std::string& cell : row) text.append(" ").append(markdown_text(cell)).append(" |");
    text += "\n";
    if (&row != &rows.front()) continue;
    text += "|";
    for (const bool right : is_number) text += right ? "--:|" : "---|";
    text += "\n";
  }
  return text;
}

std::string markdown_text(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '<') {
      escaped += "&lt;";
    } else if (static_cast<unsigned char>(c) < ' ') {
      escaped += ' ';
    } else {
      if (std::string_view("\\`*_{}[]|#~!&>").find(c) != std::string_view::npos) escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

std::string plain_text(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; }, '?');
  return text;
}

}  // namespace vivace::bench
