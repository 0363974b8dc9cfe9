#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/machine.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/interrupt.hpp"
#include "cli/job_progress.hpp"
#include "cli/settings.hpp"
#include "jobs/scan.hpp"
#include "library/analyze_job.hpp"
#include "library/catalogue.hpp"
#include "library/database.hpp"
#include "library/feature_tables.hpp"
#include "tasks/analyze/features.hpp"

namespace vivace::cli {
namespace {

constexpr std::size_t kMostThreads = 1024;

struct AnalyzeArguments {
  std::vector<std::string> folders;
  std::string output = "library.db";
  std::vector<std::string> features;
  std::vector<std::string> without;
  std::vector<std::string> overwrite;
  bool retry_failed = false;
  jobs::ScanOptions scan;
  std::string links = "follow";
  std::string shard;
  library::CatalogueOptions catalogue;
  library::JobOptions job;
  analyze::AnalyzerOptions analyzer;
  std::size_t threads = 0;
  bool quiet = false;
  bool verbose = false;
};

std::vector<library::StoredFeatureSet> store_sets(library::Database& database, const AnalyzeArguments& arguments) {
  std::vector<library::StoredFeatureSet> sets;
  for (const analyze::FeatureInfo* feature : arguments.analyzer.features) {
    sets.push_back(library::store_feature_set(
        database, library::feature_set_of(*feature, arguments.analyzer.feature, arguments.analyzer.analysis_rate)));
  }
  return sets;
}

library::CatalogueReport scan(library::Database& database, const AnalyzeArguments& arguments) {
  const library::CatalogueReport report = library::update_catalogue(
      database, arguments.job.roots, jobs::scan_files(arguments.job.roots, arguments.scan), arguments.catalogue);
  for (const std::string& problem : report.problems) print_error(problem);
  if (arguments.quiet) return report;
  print_note(fmt::format("{} tracks: {} new, {} changed, {} moved, {} missing", report.found, report.added,
                         report.changed, report.moved, report.missing));
  return report;
}

void reopen(library::Database& database, library::Results& results, const AnalyzeArguments& arguments) {
  if (arguments.overwrite.empty() && !arguments.retry_failed) return;
  database.transaction([&] {
    if (arguments.retry_failed) results.reopen_failures();
    if (arguments.overwrite.empty()) return;
    const auto again = analyze::choose_features(arguments.overwrite, {});
    for (std::size_t i = 0; i < results.sets().size(); ++i) {
      const auto& name = results.sets()[i].set.name;
      if (std::any_of(again.begin(), again.end(), [&](const auto* feature) { return feature->name == name; })) {
        results.reopen(i);
      }
    }
  });
}

int analyze_library(AnalyzeArguments& arguments) {
  arguments.analyzer.features = analyze::choose_features(arguments.features, arguments.without);
  arguments.job.roots = library::absolute_roots(arguments.folders);
  arguments.scan.extensions = jobs::audio_extensions();
  arguments.scan.links = arguments.links == "follow" ? jobs::LinkPolicy::follow : jobs::LinkPolicy::skip;
  if (!arguments.shard.empty()) arguments.catalogue.shard = jobs::parse_shard(arguments.shard);
  arguments.job.workers = arguments.threads > 0 ? arguments.threads : base::usable_cores(base::read_machine());
  const InterruptWatch interrupt("finishing the tracks under way");
  library::Database database(arguments.output, library::Database::Access::write);
  library::Results results(database, store_sets(database, arguments));
  const library::CatalogueReport found = scan(database, arguments);
  reopen(database, results, arguments);
  std::unique_ptr<JobProgress> progress;
  const auto observe = [&](const library::JobEvent* event, const library::JobSummary& so_far) {
    if (event == nullptr) {
      progress = std::make_unique<JobProgress>(so_far.open, !arguments.quiet);
      return;
    }
    if (event->error != nullptr) print_error(event->outcome.file.path.string() + ": " + event->error->message());
    progress->advance(event->outcome.properties ? event->outcome.properties->duration_s : 0, event->error != nullptr);
  };
  const library::JobSummary summary = library::run_job(database, results, library::feature_analyst(arguments.analyzer),
                                                       arguments.job, observe, interrupt.token());
  progress.reset();
  if (!arguments.quiet) {
    print_note(
        fmt::format("{} tracks done, {} failed, {} done elsewhere", summary.done, summary.failed, summary.elsewhere));
  }
  if (summary.interrupted) print_error("stopped before all tracks were done; the same command goes on");
  return summary.failed > 0 || summary.vanished > 0 || summary.interrupted || !found.problems.empty() ? kSomeItemsFailed
                                                                                                      : kAllGood;
}

void add_options(CLI::App& command, AnalyzeArguments& arguments) {
  command.add_option("folders", arguments.folders, "folders that are searched for audio, and files")->required();
  command.add_option("-o,--output", arguments.output, "the library, an SQLite database")->capture_default_str();
  command.add_option("--features", arguments.features, "only these, e.g. loudness,onsets")->delimiter(',');
  command.add_option("--without", arguments.without, "all but these")->delimiter(',');
  command.add_option("--overwrite", arguments.overwrite, "compute these again")->delimiter(',');
  command.add_flag("--retry-failed", arguments.retry_failed, "try again what failed");
  command.add_option("--include", arguments.scan.include, "only files of these patterns, e.g. '*.flac'");
  command.add_option("--exclude", arguments.scan.exclude, "no files and folders of these patterns");
  command.add_flag("--hidden", arguments.scan.hidden, "also files and folders that begin with a dot");
  command.add_option("--links", arguments.links, "follow or skip symbolic links")
      ->check(CLI::IsMember({"follow", "skip"}))
      ->capture_default_str();
  command.add_flag("--hash", arguments.catalogue.hash, "know moved files by their content");
  command.add_option("--shard", arguments.shard, "only part I of N, from 0: I/N; auto or auto/N in job arrays");
  command
      .add_option("--threads", arguments.threads, "tracks at a time; 0: as many as there are cores for this process")
      ->check(CLI::Range(std::size_t{0}, kMostThreads));
  command.add_option("--rate", arguments.analyzer.analysis_rate, "Hz of the spectral features; 0: the file's own")
      ->capture_default_str();
  command.add_flag("--dual-mono", arguments.analyzer.feature.dual_mono,
                   "loudness of a mono file as if it were played on two loudspeakers");
  command.add_flag("-q,--quiet", arguments.quiet, "no progress and no summary");
  command.add_flag("-v,--verbose", arguments.verbose, "say more");
}

}  // namespace

void add_analyze_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<AnalyzeArguments>();
  CLI::App* command = app.add_subcommand("analyze", "measure all tracks of a music library");
  add_options(*command, *arguments);
  allow_environment(*command);
  command->callback([arguments, &action] {
    action = [arguments] {
      print_library_log(arguments->verbose);
      return analyze_library(*arguments);
    };
  });
}

}  // namespace vivace::cli
