#include "cli/library_job.hpp"

#include <fmt/format.h>

#include "base/machine.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "library/job_report.hpp"

namespace vivace::cli {
namespace {

constexpr std::size_t kMostThreads = 1024;
constexpr double kLongestSeconds = 1e9;
constexpr double kLeastShare = 0.01;
constexpr int kNicest = 19;

void report(const library::JobEvent* event) {
  if (event == nullptr) return;
  const library::TrackOutcome& outcome = event->outcome;
  const std::string path = outcome.file.path.string();
  if (event->vanished) {
    print_error(path + ": is gone or was changed while it was read; the next run looks at it again");
  } else if (event->error != nullptr) {
    print_error(path + ": " + event->error->message());
  } else if (outcome.properties && outcome.properties->truncated) {
    print_error(path + ": the file is damaged or cut short; what could be decoded was used");
  }
}

library::JobSummary run(library::Database& database, library::Results& results, const library::TrackAnalyst& analyst,
                        const library::JobOptions& options, const LibraryJobArguments& arguments,
                        const TrackTeller& tell, const std::stop_token& stop) {
  MonitorOptions monitor_options = arguments.monitor;
  monitor_options.bar = !arguments.quiet;
  JobMonitor monitor(monitor_options);
  const auto observe = [&](const library::JobEvent* event, const library::JobSummary& so_far) {
    report(event);
    if (event != nullptr && tell) tell(*event);
    monitor.observe(event, so_far);
  };
  try {
    library::JobSummary summary = library::run_job(database, results, analyst, options, observe, stop);
    monitor.finish(summary);
    return summary;
  } catch (const Error& error) {
    monitor.fail(error);
    throw;
  }
}

}  // namespace

void add_scan_options(CLI::App& command, LibraryJobArguments& arguments) {
  command.add_option("--include", arguments.scan.include, "only files of these patterns, e.g. '*.flac'");
  command.add_option("--exclude", arguments.scan.exclude, "no files and folders of these patterns");
  command.add_flag("--hidden", arguments.scan.hidden, "also files and folders that begin with a dot");
  command.add_option("--links", arguments.links, "follow or skip symbolic links")
      ->check(CLI::IsMember({"follow", "skip"}))
      ->capture_default_str();
  command.add_flag("--hash", arguments.hash, "know moved files by their content");
  command.add_option("--shard", arguments.shard, "only part I of N, from 0: I/N; auto or auto/N in job arrays");
}

void add_limit_options(CLI::App& command, LibraryJobArguments& arguments) {
  command.add_option("--threads", arguments.threads, "threads at work; 0: as many as there are cores for this process")
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

void add_reporting_options(CLI::App& command, LibraryJobArguments& arguments) {
  command.add_flag("--json", arguments.monitor.json, "progress, failures and summary as JSON lines");
  command.add_option("--status", arguments.monitor.status_file, "keep the progress in this file, as a JSON object");
  command.add_flag("--profile", arguments.profile, "print where the time went");
  command.add_flag("-q,--quiet", arguments.quiet, "no progress and no summary");
  command.add_flag("-v,--verbose", arguments.verbose, "say more");
}

std::size_t thread_count(const LibraryJobArguments& arguments) {
  return arguments.threads > 0 ? arguments.threads : base::usable_cores(base::read_machine());
}

std::string scope_of(const std::vector<std::filesystem::path>& roots, const LibraryJobArguments& arguments) {
  std::string scope = fmt::format("{} {} {}", arguments.shard, arguments.links, arguments.scan.hidden);
  const auto add = [&](char kind, const std::string& text) { scope += fmt::format("\n{}{}", kind, text); };
  for (const std::filesystem::path& root : roots) add('/', root.string());
  for (const std::string& pattern : arguments.scan.include) add('+', pattern);
  for (const std::string& pattern : arguments.scan.exclude) add('-', pattern);
  return scope;
}

library::CatalogueReport scan_library(library::Database& database, const std::vector<std::filesystem::path>& roots,
                                      LibraryJobArguments& arguments, const std::stop_token& stop) {
  arguments.scan.extensions = jobs::audio_extensions();
  arguments.scan.links = arguments.links == "follow" ? jobs::LinkPolicy::follow : jobs::LinkPolicy::skip;
  library::CatalogueOptions options;
  options.hash = arguments.hash;
  options.stop = stop;
  if (!arguments.shard.empty()) options.shard = jobs::parse_shard(arguments.shard);
  const library::CatalogueReport report = library::update_catalogue(database, roots, arguments.scan, options);
  for (const std::string& problem : report.problems) print_error(problem);
  if (!arguments.quiet) {
    print_note(fmt::format("{} tracks: {} new, {} changed, {} moved, {} missing", report.found, report.added,
                           report.changed, report.moved, report.missing));
  }
  return report;
}

int run_library_job(library::Database& database, library::Results& results, const library::TrackAnalyst& analyst,
                    const library::JobOptions& options, const library::CatalogueReport& found,
                    const LibraryJobArguments& arguments, const TrackTeller& tell, const std::stop_token& stop) {
  const library::JobSummary summary = run(database, results, analyst, options, arguments, tell, stop);
  if (!arguments.quiet) print_note(library::summary_text(summary));
  if (arguments.profile) print_note(library::stage_table(summary));
  const bool stopped = summary.interrupted || found.stopped;
  if (stopped) print_error("stopped before all tracks were done; the same command goes on");
  const bool whole = summary.failed == 0 && summary.vanished == 0 && !stopped && found.problems.empty();
  return whole ? kAllGood : kSomeItemsFailed;
}

}  // namespace vivace::cli
