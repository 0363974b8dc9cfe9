#include "tasks/embed/embed_stream.hpp"

#include <fmt/format.h>

#include <optional>
#include <stop_token>
#include <utility>

#include "jobs/runner.hpp"
#include "records/json_line.hpp"
#include "tasks/embed/stream_request.hpp"

namespace vivace::embed {
namespace {

using Line = base::LineReader::Line;

/// How much of a line that is no request its answer repeats.
constexpr std::size_t kRepeatedBytes = 1000;

struct Answer {
  std::string id_json;
  TrackResult result;
};

std::string shortened(std::string line) {
  if (line.size() <= kRepeatedBytes) return line;
  line.resize(kRepeatedBytes);
  return line + "…";
}

Answer answer(const Embedder& embedder, const Line& line) {
  StreamRequest request = parse_stream_request(line.text);
  if (line.too_long) request.problem = fmt::format("the line is longer than {} MiB", kLongestRequest >> 20);
  Answer answer;
  answer.id_json = std::move(request.id_json);
  if (request.problem.empty()) {
    answer.result = embed_track(embedder, request.path);
  } else {
    answer.result.path = shortened(line.text);
    answer.result.error_code = error_code_name(ErrorCode::invalid_argument);
    answer.result.error_message = std::move(request.problem);
  }
  return answer;
}

/// The record as a JSON line, the request's id first.
std::string json_line(const records::Schema& schema, const records::Record& record, const std::string& id_json) {
  std::string line = records::to_json_line(schema, record);
  if (!id_json.empty()) line.insert(1, fmt::format("\"id\":{},", id_json));
  return line + '\n';
}

}  // namespace

bool run_embed_stream(const Embedder& embedder, base::LineReader requests, std::size_t workers,
                      const RecordOptions& options, const AnswerWriter& write) {
  const records::Schema schema = track_schema(embedder.model(), options);
  std::stop_source reading;  // stopped where nobody takes the answers: no request may come that would end the wait
  bool all_good = true;
  const auto next = [&] { return requests.next(reading.get_token()); };
  const auto work = [&](const Line& line) { return answer(embedder, line); };
  const auto consume = [&](Answer&& finished) {
    all_good = all_good && !finished.result.failed();
    const auto record = track_record(embedder.model(), std::move(finished.result), options);
    try {
      write(json_line(schema, record, finished.id_json));
    } catch (...) {
      reading.request_stop();
      throw;
    }
  };
  jobs::Runner<Line, Answer> runner({.workers = workers, .order = jobs::ResultOrder::finished, .window = 4 * workers});
  runner.run(next, work, consume, std::stop_token());
  return all_good;
}

}  // namespace vivace::embed
