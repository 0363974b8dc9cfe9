#include "cli/analyze_arguments.hpp"

#include "tasks/analyze/curve_file.hpp"

namespace vivace::cli {
namespace {

constexpr std::size_t kMostThreads = 1024;
constexpr double kLongestSeconds = 1e9;
constexpr double kLeastShare = 0.01;
constexpr int kNicest = 19;

void add_choice(CLI::App& command, AnalyzeArguments& arguments) {
  add_feature_choice(command, arguments.choice);
  command.add_option("--overwrite", arguments.overwrite, "compute these again")->delimiter(',');
  command.add_flag("--retry-failed", arguments.retry_failed, "try again what failed");
  add_analyzer_options(command, arguments.analyzer);
}

void add_scan(CLI::App& command, AnalyzeArguments& arguments) {
  command.add_option("--include", arguments.scan.include, "only files of these patterns, e.g. '*.flac'");
  command.add_option("--exclude", arguments.scan.exclude, "no files and folders of these patterns");
  command.add_flag("--hidden", arguments.scan.hidden, "also files and folders that begin with a dot");
  command.add_option("--links", arguments.links, "follow or skip symbolic links")
      ->check(CLI::IsMember({"follow", "skip"}))
      ->capture_default_str();
  command.add_flag("--hash", arguments.hash, "know moved files by their content");
  command.add_option("--shard", arguments.shard, "only part I of N, from 0: I/N; auto or auto/N in job arrays");
}

void add_limits(CLI::App& command, AnalyzeArguments& arguments) {
  command
      .add_option("--threads", arguments.threads, "tracks at a time; 0: as many as there are cores for this process")
      ->check(CLI::Range(std::size_t{0}, kMostThreads));
  command.add_option("--nice", arguments.nice, "give way to other programs, 1 to 19")->check(CLI::Range(0, kNicest));
  command.add_option("--max-cpu", arguments.limits.cpu_share, "share of the time that each thread works, e.g. 0.5")
      ->check(CLI::Range(kLeastShare, 1.0));
  command
      .add_option("--time-limit", arguments.limits.time_s, "seconds for a track, which fails beyond them; 0: no limit")
      ->check(CLI::Range(0.0, kLongestSeconds))
      ->capture_default_str();
  command
      .add_option("--memory-limit", arguments.limits.memory_bytes,
                  "memory of the process, e.g. 2GB; a track that needs more on its own fails")
      ->transform(CLI::AsSizeValue(false));
}

void add_reporting(CLI::App& command, AnalyzeArguments& arguments) {
  command.add_option("--sidecar", arguments.sidecar, "also write <track>.json beside each track")
      ->check(CLI::IsMember({"json"}));
  command.add_option("--timeseries", arguments.timeseries,
                     "also write the frames over time to a file a track in this folder, laid out as the library");
  command.add_option("--timeseries-format", arguments.timeseries_format, "the format of those files")
      ->check(CLI::IsMember(analyze::curve_formats()))
      ->capture_default_str();
  command.add_flag("--json", arguments.monitor.json, "progress, failures and summary as JSON lines");
  command.add_option("--status", arguments.monitor.status_file, "keep the progress in this file, as a JSON object");
  command.add_flag("--profile", arguments.profile, "print where the time went");
  command.add_flag("-q,--quiet", arguments.quiet, "no progress and no summary");
  command.add_flag("-v,--verbose", arguments.verbose, "say more");
}

}  // namespace

void add_analyze_options(CLI::App& command, AnalyzeArguments& arguments) {
  command.add_option("folders", arguments.folders, "folders that are searched for audio, and files")->required();
  command.add_option("-o,--output", arguments.output, "the library, an SQLite database")->capture_default_str();
  add_choice(command, arguments);
  add_scan(command, arguments);
  add_limits(command, arguments);
  add_reporting(command, arguments);
}

}  // namespace vivace::cli
