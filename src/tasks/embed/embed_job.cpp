#include "tasks/embed/embed_job.hpp"

#include <algorithm>
#include <chrono>
#include <unordered_set>
#include <utility>

#include "jobs/runner.hpp"

namespace vivace::embed {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void add(JobSummary& summary, const TrackResult& result) {
  const Embedding& embedding = result.embedding;
  if (result.failed()) {
    ++summary.failed;
    return;
  }
  if (embedding.outside_limits) {
    ++summary.outside_limits;
    return;
  }
  ++summary.done;
  if (embedding.truncated) ++summary.truncated;
  summary.audio_s += embedding.duration_s;
  summary.seconds.decode += embedding.seconds.decode;
  summary.seconds.resample += embedding.seconds.resample;
  summary.seconds.mel += embedding.seconds.mel;
  summary.seconds.model += embedding.seconds.model;
}

/// The most tracks begun ahead of the one that is written next: enough that one long track does not hold up the others.
std::size_t window(std::size_t workers, const RecordOptions& record) {
  return record.rows ? 4 * workers : std::max<std::size_t>(256, 4 * workers);
}

using Paths = std::unordered_set<std::string>;

std::string path_of(const EmbedModelInfo& model, const std::filesystem::path& track) {
  return track_key(model, track).front();
}

/// True for a record of this model, whatever its track.
bool is_of_model(const EmbedModelInfo& model, const records::ExistingRecord& existing) {
  const std::vector<std::string> key = track_key(model, {});
  return std::equal(key.begin() + 1, key.end(), existing.key.begin() + 1, existing.key.end());
}

/// Removes from `tracks` what the output holds; returns the paths of those that stay since they failed and are to be
/// tried again.
Paths leave_out_existing(const EmbedModelInfo& model, const OutputOptions& output,
                         std::vector<std::filesystem::path>& tracks) {
  Paths present;
  Paths failed;
  for (const auto& existing : records::read_existing(output.format, output.path, track_key_fields())) {
    if (!is_of_model(model, existing)) continue;
    (existing.failed && output.retry_failed ? failed : present).insert(existing.key.front());
  }
  std::erase_if(tracks, [&](const auto& track) { return present.contains(path_of(model, track)); });
  Paths wanted;
  for (const auto& track : tracks) wanted.insert(path_of(model, track));
  std::erase_if(failed, [&](const std::string& path) { return !wanted.contains(path); });
  return failed;
}

}  // namespace

OpenOutput open_output(const EmbedModelInfo& model, const OutputOptions& output, const RecordOptions& record,
                       std::vector<std::filesystem::path> tracks) {
  records::SinkOptions options;
  options.path = output.path;
  options.schema = track_schema(model, record);
  options.key_fields = track_key_fields();
  const std::size_t named = tracks.size();
  if (output.skip_existing) {
    const Paths failed = leave_out_existing(model, output, tracks);
    options.keep = [failed, model](const records::ExistingRecord& existing) {
      return !(existing.failed && failed.contains(existing.key.front()) && is_of_model(model, existing));
    };
  }
  const std::size_t left = tracks.size();
  return {records::open_sink(output.format, std::move(options)), std::move(tracks), named - left};
}

JobSummary run_embed_job(const Embedder& embedder, const std::vector<std::filesystem::path>& tracks,
                         std::size_t workers, const RecordOptions& record, records::Sink& sink,
                         const TrackObserver& observe, const std::stop_token& stop) {
  const Clock::time_point start = Clock::now();
  JobSummary summary;
  std::size_t next_track = 0;
  const auto next = [&]() -> std::optional<std::filesystem::path> {
    if (next_track == tracks.size()) return std::nullopt;
    return tracks[next_track++];
  };
  const auto work = [&](const std::filesystem::path& path) { return embed_track(embedder, path); };
  const auto consume = [&](TrackResult&& result) {
    add(summary, result);
    observe(result);
    if (result.embedding.outside_limits) return;
    const Clock::time_point output_start = Clock::now();
    sink.write(track_record(embedder.model(), std::move(result), record));
    summary.output_s += seconds_since(output_start);
  };
  jobs::Runner<std::filesystem::path, TrackResult> runner(
      {.workers = workers, .order = jobs::ResultOrder::input, .window = window(workers, record)});
  runner.run(next, work, consume, stop);
  summary.interrupted = stop.stop_requested() && next_track < tracks.size();
  const Clock::time_point finish_start = Clock::now();
  sink.finish();
  summary.output_s += seconds_since(finish_start);
  summary.wall_s = seconds_since(start);
  return summary;
}

}  // namespace vivace::embed
