#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vivace::page {

/// Text that HTML and SVG show as it is, whatever bytes it has; also within quotes of an attribute.
std::string html_text(std::string_view text);

/// A table with a head. Cells are text; columns after the first are aligned to the right where `numbers`.
std::string html_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows,
                       bool numbers);

}  // namespace vivace::page
