#include "cli/embed_stream.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <optional>
#include <stop_token>
#include <string>

#include "cli/command.hpp"
#include "jobs/runner.hpp"
#include "records/json_line.hpp"
#include "tasks/embed/stream_request.hpp"

namespace vivace::cli {
namespace {

struct Answer {
  std::string id_json;
  embed::TrackResult result;
};

Answer answer(const Embedder& embedder, const std::string& line) {
  embed::StreamRequest request = embed::parse_stream_request(line);
  Answer answer;
  answer.id_json = std::move(request.id_json);
  if (request.problem.empty()) {
    answer.result = embed::embed_track(embedder, request.path);
  } else {
    answer.result.path = line;
    answer.result.error_code = error_code_name(ErrorCode::invalid_argument);
    answer.result.error_message = std::move(request.problem);
  }
  return answer;
}

/// The record as a JSON object, the request's id first.
std::string json_line(const records::Schema& schema, const records::Record& record, const std::string& id_json) {
  std::string line = records::to_json_line(schema, record);
  if (!id_json.empty()) line.insert(1, fmt::format("\"id\":{},", id_json));
  line += '\n';
  return line;
}

}  // namespace

int run_embed_stream(const Embedder& embedder, std::size_t workers, const embed::RecordOptions& options) {
  const records::Schema schema = embed::track_schema(embedder.model(), options);
  bool any_failed = false;
  const auto next = []() -> std::optional<std::string> {
    std::string line;
    return std::getline(std::cin, line) ? std::optional(std::move(line)) : std::nullopt;
  };
  const auto work = [&](const std::string& line) { return answer(embedder, line); };
  const auto consume = [&](Answer&& finished) {
    any_failed = any_failed || finished.result.failed();
    const auto record = embed::track_record(embedder.model(), std::move(finished.result), options);
    const std::string line = json_line(schema, record, finished.id_json);
    if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size() || std::fflush(stdout) != 0) {
      throw Error(ErrorCode::unavailable, "standard output", "cannot be written");
    }
  };
  jobs::Runner<std::string, Answer> runner(
      {.workers = workers, .order = jobs::ResultOrder::finished, .window = 4 * workers});
  runner.run(next, work, consume, std::stop_token());
  return any_failed ? kSomeItemsFailed : kAllGood;
}

}  // namespace vivace::cli
