#include "base/file_search.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "vivace/error.hpp"

namespace vivace::base {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

std::ifstream open(const std::filesystem::path& path) {
  std::error_code status;
  if (!std::filesystem::is_regular_file(path, status)) {
    throw Error(ErrorCode::not_found, path.string(), "no such file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorCode::unavailable, path.string(), "cannot be read");
  return file;
}

/// The first occurrence of one of the strings at or after `from`; the end of the string where there is none.
std::string_view next_occurrence(std::string_view bytes, std::size_t from, std::span<const std::string_view> wanted) {
  std::size_t first = std::string_view::npos;
  std::size_t size = 0;
  for (const std::string_view text : wanted) {
    const std::size_t place = bytes.find(text, from);
    if (place >= first) continue;
    first = place;
    size = text.size();
  }
  return first == std::string_view::npos ? bytes.substr(bytes.size()) : bytes.substr(first, size);
}

}  // namespace

void search_file(const std::filesystem::path& path, std::span<const std::string_view> wanted, std::size_t following,
                 const std::function<bool(std::string_view)>& found) {
  std::ifstream file = open(path);
  std::size_t longest = 0;
  for (const std::string_view text : wanted) longest = std::max(longest, text.size());
  const std::size_t kept = longest + following;  // so much of a piece is looked at together with the next
  std::vector<char> buffer(kept + kPiece);
  std::size_t size = 0;
  for (bool at_end = false; !at_end;) {
    file.read(buffer.data() + size, static_cast<std::streamsize>(buffer.size() - size));
    size += static_cast<std::size_t>(file.gcount());
    at_end = !file;
    const std::string_view bytes(buffer.data(), size);
    const std::size_t looked_at = at_end ? size : size - kept;
    for (std::size_t from = 0; true;) {
      const std::string_view match = next_occurrence(bytes, from, wanted);
      const auto place = static_cast<std::size_t>(match.data() - bytes.data());
      if (match.empty() || place >= looked_at) break;
      from = place + match.size();
      if (!found(bytes.substr(from, following))) return;
    }
    std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(looked_at),
              buffer.begin() + static_cast<std::ptrdiff_t>(size), buffer.begin());
    size -= looked_at;
  }
}

}  // namespace vivace::base
