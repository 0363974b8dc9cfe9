#include "tasks/embed/stream_request.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "vivace/error.hpp"

namespace vivace::embed {
namespace {

constexpr int kDeepestJson = 32;

/// Throws for objects nested deeper than any sensible id.
bool refuse_deep_nesting(int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
  if (depth > kDeepestJson) throw Error(ErrorCode::invalid_argument, "the JSON object is nested too deeply");
  return true;
}

StreamRequest problem(std::string text) { return {"", "", std::move(text)}; }

/// A path ends at its first NUL for the system, so it would name another file.
StreamRequest without_nul(StreamRequest request) {
  if (request.path.find('\0') != std::string::npos) request.problem = "the path has a NUL byte in it";
  return request;
}

StreamRequest read_object(const nlohmann::json& object) {
  StreamRequest request;
  for (const auto& [key, value] : object.items()) {
    if (key == "path" && value.is_string()) {
      request.path = value.get<std::string>();
    } else if (key == "id") {
      request.id_json = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    } else {
      request.problem =
          fmt::format("'{}' is unknown or not of its type; a request has \"path\" (text) and, if wanted, \"id\"", key);
    }
  }
  if (request.path.empty() && request.problem.empty()) request.problem = "the request has no \"path\"";
  return request;
}

}  // namespace

StreamRequest parse_stream_request(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return problem("the line is empty; write a path or {\"path\": …}");
  if (line.size() > kLongestRequest)
    return problem(fmt::format("the line is longer than {} MiB", kLongestRequest >> 20));
  if (!line.starts_with('{')) return without_nul({std::string(line), "", ""});
  try {
    return without_nul(read_object(nlohmann::json::parse(line, refuse_deep_nesting)));
  } catch (const nlohmann::json::exception& error) {
    return problem(fmt::format("the line is not a JSON object: {}", error.what()));
  } catch (const Error& error) {
    return problem(error.message());
  }
}

}  // namespace vivace::embed
