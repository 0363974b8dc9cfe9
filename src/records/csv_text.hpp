#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vivace::records {

// CSV as RFC 4180 has it, with "\n" for the line end.

/// Appends a cell, in quotes where it needs them. An empty text is written as "" and so differs from no value.
void append_csv_cell(std::string& text, std::string_view cell);

/// True for an odd number of quotes: a line that begins outside a quoted cell then ends inside one, and the record goes
/// on.
bool has_odd_quotes(std::string_view line);

/// The cells of a record, still quoted; `record` may have its line end. The views point into it.
std::vector<std::string_view> split_csv(std::string_view record);

/// The text of a cell of `split_csv`.
std::string csv_cell_text(std::string_view cell);

}  // namespace vivace::records
