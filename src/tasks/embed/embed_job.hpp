#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "records/sink.hpp"
#include "tasks/embed/embed_record.hpp"
#include "vivace/embed.hpp"

namespace vivace::embed {

/// Where results go and which tracks are already there.
struct OutputOptions {
  std::string format;          ///< as records::open_sink knows it
  std::filesystem::path path;  ///< "-" is standard output
  bool skip_existing = false;  ///< go on with an existing output: leave out the tracks that it holds, failed ones too
  bool retry_failed = false;   ///< with skip_existing: do failed tracks again
};

/// What a job over many tracks came to.
struct JobSummary {
  std::size_t done = 0;
  std::size_t failed = 0;
  std::size_t truncated = 0;
  std::size_t outside_limits = 0;  ///< left out: shorter or longer than asked for
  double audio_s = 0;              ///< decoded audio of the tracks done
  double wall_s = 0;
  StageSeconds seconds;  ///< summed over all workers
  double output_s = 0;   ///< making records and writing them
  bool interrupted = false;
};

/// Called after each track, on the thread that runs the job.
using TrackObserver = std::function<void(const TrackResult& result)>;

/// An output that is ready to be written, and what is left to do.
struct OpenOutput {
  std::unique_ptr<records::Sink> sink;
  std::vector<std::filesystem::path> tracks;
  std::size_t existing = 0;  ///< tracks that `skip_existing` left out
};

/// Opens the sink of an output for `tracks`. Throws as records::read_existing and records::open_sink.
OpenOutput open_output(const EmbedModelInfo& model, const OutputOptions& output, const RecordOptions& record,
                       std::vector<std::filesystem::path> tracks);

/// Embeds tracks on `workers` threads and writes one record a track to `sink`, in the order of `tracks`; the sink is
/// finished also when `stop` was requested. Throws what the sink throws.
JobSummary run_embed_job(const Embedder& embedder, const std::vector<std::filesystem::path>& tracks,
                         std::size_t workers, const RecordOptions& record, records::Sink& sink,
                         const TrackObserver& observe, const std::stop_token& stop);

}  // namespace vivace::embed
