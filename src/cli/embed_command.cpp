#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/machine.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/interrupt.hpp"
#include "cli/job_progress.hpp"
#include "cli/placement_arguments.hpp"
#include "cli/settings.hpp"
#include "cli/summary.hpp"
#include "cli/track_printer.hpp"
#include "jobs/scan.hpp"
#include "model/manifest.hpp"
#include "tasks/embed/embed_job.hpp"
#include "tasks/embed/embed_stream.hpp"
#include "tasks/embed/stream_request.hpp"

namespace vivace::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTextTags = 5;
constexpr std::size_t kMostThreads = 1024;
constexpr double kLongestSeconds = 1e9;
constexpr std::size_t kLargestCount = 1'000'000;  // refuses negative numbers, which would wrap around

struct EmbedArguments {
  std::vector<std::string> files;
  std::string list;
  EmbedOptions embed;
  embed::RecordOptions record;
  embed::OutputOptions output;
  std::string compat;
  std::size_t threads = 0;
  bool stream = false;
  bool json = false;
  bool quiet = false;
  bool profile = false;
  bool verbose = false;
};

/// Paths out of a list: one a line, or ended by NUL bytes as `find -print0` writes them.
std::vector<std::string> read_list(const std::string& name) {
  std::ifstream file;
  if (name != "-") {
    file.open(name, std::ios::binary);
    if (!file)
      throw Error(ErrorCode::not_found, name, fmt::format("the list cannot be read: {}", std::strerror(errno)));
    if (fs::is_directory(name)) {
      throw Error(ErrorCode::invalid_argument, name, "is a folder, not a list of paths; leave out --from to search it");
    }
  }
  std::istream& stream = name == "-" ? std::cin : file;
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const char separator = text.find('\0') != std::string::npos ? '\0' : '\n';
  std::vector<std::string> paths;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    std::string path = text.substr(start, end - start);
    if (separator == '\n' && path.ends_with('\r')) path.pop_back();
    if (!path.empty()) paths.push_back(std::move(path));
    start = end + 1;
  }
  return paths;
}

std::vector<fs::path> find_tracks(const EmbedArguments& arguments) {
  std::vector<fs::path> named(arguments.files.begin(), arguments.files.end());
  if (!arguments.list.empty()) {
    for (std::string& path : read_list(arguments.list)) named.emplace_back(std::move(path));
  }
  return jobs::scan(named, jobs::audio_extensions());
}

/// Settles format and place of the output: by --format, --json or the extension; for people on standard output
/// otherwise.
void settle_output(EmbedArguments& arguments) {
  embed::OutputOptions& output = arguments.output;
  if (output.path.empty()) output.path = "-";
  if (output.format.empty() && arguments.json) output.format = "jsonl";
  if (output.format.empty()) output.format = output.path == "-" ? "text" : records::format_of(output.path);
  if (output.format.empty()) {
    throw Error(ErrorCode::invalid_argument, output.path.string(),
                "the extension names no format; use .csv, .jsonl, .npy, .parquet or .db, or --format");
  }
  if (output.format == "text" && output.path != "-") {
    throw Error(ErrorCode::invalid_argument, "--format text", "goes to standard output only; leave out -o");
  }
  if (output.path == "-" && (output.skip_existing || output.retry_failed)) {
    throw Error(ErrorCode::invalid_argument, output.retry_failed ? "--retry-failed" : "--skip-existing",
                "needs a file to go on with; give -o");
  }
  if (output.retry_failed) output.skip_existing = true;
  if (output.format == "text" && arguments.record.top_tags == 0) arguments.record.top_tags = kTextTags;
}

embed::OpenOutput open_output(const EmbedArguments& arguments, const EmbedModelInfo& model,
                              std::vector<fs::path> tracks) {
  if (arguments.output.format == "text") {
    return {std::make_unique<TrackPrinter>(embed::track_schema(model, arguments.record)), std::move(tracks), 0};
  }
  return embed::open_output(model, arguments.output, arguments.record, std::move(tracks));
}

/// Tells of a track that failed or is incomplete, and moves the progress on.
void report(const EmbedArguments& arguments, const embed::TrackResult& result, JobProgress& progress) {
  const Embedding& embedding = result.embedding;
  if (result.failed() && arguments.output.format != "text") {
    print_error(result.path + ": " + result.error_message);
  } else if (embedding.truncated) {
    print_error(result.path + ": the file is damaged or cut short; what could be decoded was used");
  }
  progress.advance(embedding.outside_limits ? 0 : embedding.duration_s, result.failed());
}

std::size_t worker_count(const EmbedArguments& arguments, std::size_t tracks) {
  const std::size_t budget = arguments.threads > 0 ? arguments.threads : base::usable_cores(base::read_machine());
  return std::clamp<std::size_t>(tracks, 1, budget);
}

bool can_be_continued(const std::string& format) { return format == "csv" || format == "jsonl" || format == "db"; }

int embed_tracks(EmbedArguments& arguments) {
  settle_output(arguments);
  const std::vector<fs::path> tracks = find_tracks(arguments);
  if (tracks.empty()) {
    print_error("no audio files there; name files or folders that hold some (known by their extension), or use --from");
    return kNothingCouldRun;
  }
  const InterruptWatch interrupt("finishing the tracks under way");
  const Embedder embedder(arguments.embed);
  const embed::OpenOutput output = open_output(arguments, embedder.model(), tracks);
  embed::JobSummary summary;
  {
    JobProgress progress(output.tracks.size(), !arguments.quiet && arguments.output.path != "-");
    const auto observe = [&](const embed::TrackResult& result) { report(arguments, result, progress); };
    summary = embed::run_embed_job(embedder, output.tracks, worker_count(arguments, output.tracks.size()),
                                   arguments.record, *output.sink, observe, interrupt.token());
  }
  if (!arguments.quiet) print_note(summary_line(summary, output.existing));
  if (arguments.profile) print_note(profile_table(summary));
  if (summary.interrupted) {
    print_error(fmt::format(
        "stopped before all tracks were done{}",
        can_be_continued(arguments.output.format) ? "; the same command with --skip-existing goes on" : ""));
  }
  return summary.failed > 0 || summary.interrupted ? kSomeItemsFailed : kAllGood;
}

int embed_stream(const EmbedArguments& arguments) {
  const Embedder embedder(arguments.embed);
  const std::size_t workers = arguments.threads > 0 ? arguments.threads : base::usable_cores(base::read_machine());
  const base::LineReader requests(STDIN_FILENO, embed::kLongestRequest);
  return embed::run_embed_stream(embedder, requests, workers, arguments.record, base::write_standard_output)
             ? kAllGood
             : kSomeItemsFailed;
}

void add_options(CLI::App& command, EmbedArguments& arguments) {
  CLI::Option* files =
      command.add_option("files", arguments.files, "audio files, and folders that are searched for them");
  CLI::Option* from = command.add_option("--from", arguments.list,
                                         "file with one path a line (or NUL between paths); - is standard input");
  command.add_option("-m,--model", arguments.embed.model, "model, model folder, or extractor+head+…")
      ->capture_default_str();
  CLI::Option* output =
      command.add_option("-o,--output", arguments.output.path, "output file; its extension names the format");
  CLI::Option* format = command.add_option("--format", arguments.output.format,
                                           "text, csv, jsonl, npy (with index), db (SQLite) or parquet");
  command.add_flag("--json", arguments.json, "JSON lines on standard output: the same as --format jsonl -o -")
      ->excludes(output)
      ->excludes(format);
  command.add_flag("--rows", arguments.record.rows, "also one vector a patch, with its time");
  command.add_option("--top", arguments.record.top_tags, "only the highest N tags")
      ->check(CLI::Range(std::size_t{0}, kLargestCount));
  command.add_option("--compat", arguments.compat, "count rows as another program does")
      ->check(CLI::IsMember({"essentia"}));
  command.add_option("--min-duration", arguments.embed.min_duration_s, "leave out shorter tracks, seconds")
      ->check(CLI::Range(0.0, kLongestSeconds));
  command.add_option("--max-duration", arguments.embed.max_duration_s, "leave out longer tracks, seconds")
      ->check(CLI::Range(0.0, kLongestSeconds));
  CLI::Option* skip_existing = command.add_flag("--skip-existing", arguments.output.skip_existing,
                                                "go on with an output: leave out what it holds");
  CLI::Option* retry_failed = command.add_flag("--retry-failed", arguments.output.retry_failed,
                                               "with an existing output: try failed tracks again");
  command
      .add_option("--threads", arguments.threads, "tracks at a time; 0: as many as there are cores for this process")
      ->check(CLI::Range(std::size_t{0}, kMostThreads));
  command.add_option("--batch", arguments.embed.batch, "patches a run of the model; 0: the model's own choice")
      ->check(CLI::Range(std::size_t{0}, model::kLargestBatch));
  add_placement_options(command, arguments.embed.placement);
  CLI::Option* profile = command.add_flag("--profile", arguments.profile, "print where the time went");
  CLI::Option* stream = command.add_flag("--stream", arguments.stream,
                                         "read paths or JSON requests from standard input, answer in JSON lines");
  for (CLI::Option* other : {files, from, output, format, skip_existing, retry_failed, profile}) {
    stream->excludes(other);
  }
  command.add_flag("-q,--quiet", arguments.quiet, "no progress and no summary");
  command.add_flag("-v,--verbose", arguments.verbose, "say why backends were not chosen");
}

}  // namespace

void add_embed_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<EmbedArguments>();
  CLI::App* command = app.add_subcommand("embed", "embeddings and tags of music");
  add_options(*command, *arguments);
  allow_environment(*command);
  command->callback([arguments, &action] {
    action = [arguments] {
      print_library_log(arguments->verbose);
      arguments->embed.keep_rows = arguments->record.rows;
      arguments->embed.essentia_compatible = arguments->compat == "essentia";
      return arguments->stream ? embed_stream(*arguments) : embed_tracks(*arguments);
    };
  });
}

}  // namespace vivace::cli
