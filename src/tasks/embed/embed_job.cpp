#include "tasks/embed/embed_job.hpp"

#include <algorithm>
#include <chrono>
#include <set>
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

}  // namespace

std::unique_ptr<records::Sink> open_output(const EmbedModelInfo& model, const OutputOptions& output,
                                           const RecordOptions& record, std::vector<std::filesystem::path>& tracks,
                                           JobSummary& summary) {
  records::SinkOptions options;
  options.path = output.path;
  options.schema = track_schema(model, record);
  options.key_fields = track_key_fields();
  if (output.skip_existing) {
    options.keep = [retry = output.retry_failed](const records::ExistingRecord& existing) {
      return !(retry && existing.failed);
    };
    std::set<std::vector<std::string>> present;
    for (auto& existing : records::read_existing(output.format, output.path, options.key_fields)) {
      if (options.keep(existing)) present.insert(std::move(existing.key));
    }
    summary.existing =
        std::erase_if(tracks, [&](const auto& path) { return present.contains(track_key(model, path)); });
  }
  return records::open_sink(output.format, std::move(options));
}

void run_embed_job(const Embedder& embedder, const std::vector<std::filesystem::path>& tracks, std::size_t workers,
                   const RecordOptions& record, records::Sink& sink, const TrackObserver& observe,
                   const std::stop_token& stop, JobSummary& summary) {
  const Clock::time_point start = Clock::now();
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
}

}  // namespace vivace::embed
