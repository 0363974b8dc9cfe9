#include "model/wording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/files.hpp"

namespace vivace::model {
namespace {

constexpr std::size_t kLongestShown = 80;
constexpr std::size_t kLongestCompared = 64;

/// Levenshtein distance: the fewest insertions, deletions and replacements that turn `a` into `b`.
std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string>& names) {
  if (word.size() > kLongestCompared) return "";
  std::size_t fewest = std::max<std::size_t>(2, word.size() / 3) + 1;
  const std::string* nearest = nullptr;
  for (const std::string& name : names) {
    const std::size_t edits = edits_between(word, name);
    if (edits < std::min(fewest, name.size())) {
      fewest = edits;
      nearest = &name;
    }
  }
  return nearest ? fmt::format("; did you mean '{}'?", *nearest) : "";
}

std::string in_quotes(std::string_view text) {
  std::string shown = base::to_valid_utf8(text.substr(0, kLongestShown));
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return fmt::format("'{}{}'", shown, text.size() > kLongestShown ? "…" : "");
}

}  // namespace vivace::model
