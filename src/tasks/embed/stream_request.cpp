#include "tasks/embed/stream_request.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "vivace/error.hpp"

namespace vivace::embed {
namespace {

constexpr std::size_t kLongestLine = std::size_t{1} << 20;
constexpr int kDeepestJson = 32;

/// Throws for objects nested deeper than any sensible id.
bool refuse_deep_nesting(int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
  if (depth > kDeepestJson) throw Error(ErrorCode::invalid_argument, "the JSON object is nested too deeply");
  return true;
}

nlohmann::json parse_object(std::string_view line) {
  try {
    return nlohmann::json::parse(line, refuse_deep_nesting);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::invalid_argument, fmt::format("the line is not a JSON object: {}", error.what()));
  }
}

}  // namespace

StreamRequest parse_stream_request(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) throw Error(ErrorCode::invalid_argument, "the line is empty; write a path or {\"path\": …}");
  if (line.size() > kLongestLine) throw Error(ErrorCode::invalid_argument, "the line is longer than 1 MiB");
  if (!line.starts_with('{')) return {std::string(line), ""};

  const nlohmann::json object = parse_object(line);
  StreamRequest request;
  for (const auto& [key, value] : object.items()) {
    if (key == "path" && value.is_string()) {
      request.path = value.get<std::string>();
    } else if (key == "id") {
      request.id_json = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    } else {
      throw Error(ErrorCode::invalid_argument,
                  fmt::format("'{}' is unknown or not of its type; a request has \"path\" (text) "
                              "and, if wanted, \"id\"",
                              key));
    }
  }
  if (request.path.empty()) throw Error(ErrorCode::invalid_argument, "the request has no \"path\"");
  return request;
}

}  // namespace vivace::embed
