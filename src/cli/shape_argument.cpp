#include "cli/shape_argument.hpp"

#include <charconv>

#include "vivace/error.hpp"

namespace vivace::cli {

std::pair<std::string, Shape> parse_shape(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  const auto wrong = [&] {
    return Error(ErrorCode::invalid_argument, "--shape " + text, "is no shape; write it as name=1x128x96");
  };
  if (equals == std::string::npos || equals == 0) throw wrong();
  Shape shape;
  const char* place = text.data() + equals + 1;
  const char* end = text.data() + text.size();
  while (place != end) {
    std::int64_t length = 0;
    const auto [rest, problem] = std::from_chars(place, end, length);
    if (problem != std::errc() || length < 1 || (rest != end && (*rest != 'x' || rest + 1 == end))) throw wrong();
    shape.push_back(length);
    place = rest == end ? end : rest + 1;
  }
  return {text.substr(0, equals), shape};
}

}  // namespace vivace::cli
