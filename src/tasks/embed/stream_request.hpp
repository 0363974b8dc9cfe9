#pragma once

#include <string>
#include <string_view>

namespace vivace::embed {

/// One line of stream mode: a path, or a JSON object {"path": text, "id": any value}.
struct StreamRequest {
  std::string path;
  std::string id_json;  ///< the id as JSON text; empty: none
};

/// Parses a line of any bytes. A line that begins with '{' is JSON, every other line is a path as it stands.
/// Throws Error(invalid_argument): empty, longer than 1 MiB, not JSON, no "path", an unknown key.
StreamRequest parse_stream_request(std::string_view line);

}  // namespace vivace::embed
