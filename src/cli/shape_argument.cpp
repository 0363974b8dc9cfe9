#include "cli/shape_argument.hpp"

#include <charconv>
#include <utility>

#include "vivace/error.hpp"

namespace vivace::cli {
namespace {

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

}  // namespace

std::map<std::string, Shape> parse_shapes(const std::vector<std::string>& texts) {
  std::map<std::string, Shape> shapes;
  for (const std::string& text : texts) {
    if (shapes.insert(parse_shape(text)).second) continue;
    throw Error(ErrorCode::invalid_argument, "--shape " + text, "is a second shape of this input");
  }
  return shapes;
}

}  // namespace vivace::cli
