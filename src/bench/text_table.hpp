#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vivace::bench {

using TableRow = std::vector<std::string>;

/// Rows as lines of aligned columns, indented by two. `is_number` says which columns are aligned to the right.
std::string text_table(const std::vector<TableRow>& rows, const std::vector<bool>& is_number);

/// The same in Markdown; the first row is the head.
std::string markdown_table(const std::vector<TableRow>& rows, const std::vector<bool>& is_number);

/// Text that a line or cell of Markdown shows as it is.
std::string markdown_text(const std::string& text);

/// Text for a terminal: control characters, which could move its cursor, become '?'.
std::string plain_text(std::string text);

}  // namespace vivace::bench
