#include "page/html.hpp"

#include "base/files.hpp"

namespace vivace::page {
namespace {

std::string row_html(const std::vector<std::string>& cells, const char* other_cells) {
  std::string html = "<tr>";
  for (const std::string& cell : cells) {
    const bool is_first = &cell == &cells.front();
    html.append(is_first ? "<th scope=\"row\">" : other_cells)
        .append(html_text(cell))
        .append(is_first ? "</th>" : "</td>");
  }
  return html + "</tr>\n";
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string html;
  for (const char c : base::to_valid_utf8(text)) {
    switch (c) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      case '\'': html += "&#39;"; break;
      default: html += static_cast<unsigned char>(c) < ' ' || c == 0x7F ? ' ' : c;
    }
  }
  return html;
}

std::string html_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows,
                       bool numbers) {
  std::string html = "<div class=\"wide\"><table><thead><tr>";
  for (const std::string& cell : head) {
    const bool right = numbers && &cell != &head.front();
    html.append(right ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">")
        .append(html_text(cell))
        .append("</th>");
  }
  html += "</tr></thead><tbody>\n";
  for (const auto& row : rows) html += row_html(row, numbers ? "<td class=\"number\">" : "<td>");
  return html + "</tbody></table></div>\n";
}

}  // namespace vivace::page
