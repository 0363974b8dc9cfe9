#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace vivace::bench {

/// One request of a load. Times in seconds since the begin of the measured stretch.
struct Sample {
  double intended_s = 0;     ///< when the load meant to send it
  double sent_s = 0;         ///< when it was sent
  double done_s = 0;         ///< when its answer was there
  std::uint32_t items = 1;   ///< rows, tracks or frames that it stood for
  std::uint32_t stream = 0;  ///< the stream or caller that sent it
  bool failed = false;

  double response_s() const { return done_s - intended_s; }
  double service_s() const { return done_s - sent_s; }
  double lag_s() const { return sent_s - intended_s; }
};

/// How requests were sent. Fields that a kind does not use are 0.
struct LoadDescription {
  /// "closed", "poisson", "constant", "single-stream", "multi-stream", "server", "offline", "deadline"
  std::string kind = "closed";
  std::size_t concurrency = 0;  ///< callers of a closed load
  double rate_hz = 0;           ///< requests a second of an open load
  std::size_t streams = 0;      ///< of the deadline scenario
  double frame_rate_hz = 0;     ///< frames a second of each stream
  double latency_bound_s = 0;   ///< which answers must keep
  std::uint64_t seed = 0;
};

/// One target under one load with one setting, measured.
struct Run {
  std::string name;    ///< tells the runs of one result apart: "batch=8 threads=1", "c=4"
  std::string target;  ///< what was measured: "model net.onnx", "embed examples/music"
  std::map<std::string, std::string>
      settings;  ///< "backend", "provider", "precision", "batch", "threads", "workers", …
  LoadDescription load;
  std::string model_sha256;         ///< empty for targets without one model
  std::string input_sha256;         ///< of all that was sent
  std::size_t settings_before = 0;  ///< that the process measured before this one, or tried to
  double cold_load_s = 0;   ///< loading the process's first model took, with what a process needs once; of others 0
  double load_model_s = 0;  ///< loading the model took the second time
  double first_s = 0;       ///< the first request, before any warm-up
  double warm_up_s = 0;     ///< until requests took the same time again and again
  double begin_unix_s = 0;  ///< when the measured stretch began; 0 where unknown
  double duration_s = 0;    ///< of the measured stretch
  std::vector<Sample> samples;
  std::map<std::string, double>
      stage_s;       ///< seconds in each stage, summed over requests: "queue", "infer", "decode", …
  double cpu_s = 0;  ///< processor time of this process in the measured stretch
  std::size_t peak_resident_bytes = 0;  ///< without samples; 0 where it is not known, as in turn with others
  std::vector<double> slice_ends_s;     ///< of a run made in turn with others: where its slices end, ascending
  double audio_s = 0;                   ///< audio that was processed, where the target is a pipeline
  std::map<std::string, double> found;  ///< what a search found: "peak_rate_hz", "most_streams", "late_share", …
  std::vector<std::string> problems;    ///< why the figures are not to be trusted; empty where they are
  std::vector<std::string> notes;       ///< "service times drifted by 12 %", …
};

/// The stages of a run with their seconds, in the order in which a request goes through them; others behind these.
std::vector<std::pair<std::string, double>> stages_in_order(const std::map<std::string, double>& stage_s);

/// Where and with what the runs were made.
struct Environment {
  std::string time;  ///< UTC, ISO 8601
  std::string host;
  std::string cpu;
  std::vector<std::string> instruction_sets;
  std::size_t cores = 0;  ///< usable by this process
  std::string governor;   ///< of frequency; empty where it cannot be read
  std::size_t memory_bytes = 0;
  std::string kernel;
  std::string vivace_version;
  std::string git_revision;  ///< that vivace was built from, "-dirty" where files were changed; empty where unknown
  std::map<std::string, std::string> libraries;  ///< "onnxruntime": "1.31.1", …
  std::vector<std::string> command;              ///< the arguments
};

/// What one `vivace bench run` measured; docs/bench.md describes its JSON.
struct Result {
  Environment environment;
  std::vector<Run> runs;
};

/// The result as JSON (schema version 2), ended by a line end. Times of samples are whole nanoseconds there.
std::string to_json(const Result& result);

/// Writes that. Throws Error where the file cannot be written.
void write_json(const Result& result, const std::filesystem::path& path);

/// Reads what to_json made, now or with schema version 1; `origin` names the text in errors. Throws Error: corrupt_data
/// (no such JSON, or values out of range), unsupported (a later schema). Safe for any bytes.
Result parse_json(const std::string& text, const std::string& origin);

/// Reads a file of at most 1 GiB. Throws Error: not_found, unavailable (cannot be read), resource_exhausted (larger),
/// and as parse_json.
Result read_json(const std::filesystem::path& path);

}  // namespace vivace::bench
