#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vivace::embed {

/// Bytes of the longest line that can be a request.
inline constexpr std::size_t kLongestRequest = std::size_t{1} << 20;

/// One line of stream mode: a path, or a JSON object {"path": text, "id": any value}.
struct StreamRequest {
  std::string path;
  std::string id_json;  ///< the id as JSON text; empty: none
  std::string problem;  ///< why it cannot be served; empty: it can
};

/// Parses a line of any bytes. A line that begins with '{' is JSON, every other line is a path as it stands.
/// A line that is empty, longer than `kLongestRequest`, not JSON, without "path", with a NUL byte in the path or with
/// an unknown key is a request with a problem; its id is kept where there is one, so that the answer can be matched.
StreamRequest parse_stream_request(std::string_view line);

}  // namespace vivace::embed
