#include "bench/chart_labels.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>
#include <string_view>

#include "bench/wording.hpp"

namespace vivace::bench {
namespace {

constexpr std::size_t kMostLabelLines = 6;

using Words = std::vector<std::string>;

Words words_of(const std::string& name) {
  std::istringstream stream(name);
  return {std::istream_iterator<std::string>(stream), {}};
}

/// Words that are in every name.
std::set<std::string> common_words(const std::vector<Words>& names) {
  std::set<std::string> common(names.front().begin(), names.front().end());
  for (const Words& words : names) {
    const std::set<std::string> own(words.begin(), words.end());
    std::erase_if(common, [&](const std::string& word) { return !own.contains(word); });
  }
  return common;
}

/// What tells names apart; the names themselves where leaving out the rest would make two alike or one empty.
std::vector<Words> differing_words(const std::vector<std::string>& names) {
  std::vector<Words> whole;
  std::transform(names.begin(), names.end(), std::back_inserter(whole), words_of);
  if (whole.size() < 2) return whole;
  const std::set<std::string> common = common_words(whole);
  std::vector<Words> differing = whole;
  std::set<Words> seen;
  for (Words& words : differing) {
    std::erase_if(words, [&](const std::string& word) { return common.contains(word); });
    if (words.empty() || !seen.insert(words).second) return whole;
  }
  return differing;
}

/// Pieces of at most `columns` letters.
Words pieces_of(const std::string& word, std::size_t columns) {
  Words pieces{""};
  for (std::size_t begin = 0; begin < word.size();) {
    std::size_t end = begin + 1;
    while (end < word.size() && letters_of(std::string_view(word).substr(end, 1)) == 0) ++end;
    if (letters_of(pieces.back()) == columns) pieces.emplace_back();
    pieces.back().append(word, begin, end - begin);
    begin = end;
  }
  return pieces;
}

LabelLines lines_of(const Words& words, std::size_t columns) {
  LabelLines lines;
  for (const std::string& word : words) {
    for (const std::string& piece : pieces_of(word, columns)) {
      const bool fits = !lines.empty() && letters_of(lines.back()) + 1 + letters_of(piece) <= columns;
      if (fits) {
        lines.back() += " " + piece;
      } else {
        lines.push_back(piece);
      }
    }
  }
  return lines;
}

/// Leaves out lines in the middle of a long label.
LabelLines cut(LabelLines lines) {
  if (lines.size() <= kMostLabelLines) return lines;
  const auto kept = static_cast<std::ptrdiff_t>(kMostLabelLines / 2);
  lines.erase(lines.begin() + kept, lines.end() - kept);
  lines[kMostLabelLines / 2 - 1] += "…";
  return lines;
}

}  // namespace

std::vector<LabelLines> row_labels(const std::vector<std::string>& names, std::size_t columns) {
  std::vector<LabelLines> labels;
  for (const Words& words : differing_words(names)) labels.push_back(cut(lines_of(words, columns)));
  return labels;
}

}  // namespace vivace::bench
