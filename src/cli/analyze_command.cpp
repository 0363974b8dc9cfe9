#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/machine.hpp"
#include "base/scheduling.hpp"
#include "cli/analyze_arguments.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/interrupt.hpp"
#include "cli/job_monitor.hpp"
#include "cli/settings.hpp"
#include "library/analyze_job.hpp"
#include "library/catalogue.hpp"
#include "library/database.hpp"
#include "library/job_report.hpp"
#include "library/sidecar.hpp"
#include "vivace/error.hpp"

namespace vivace::cli {
namespace {

using library::Database;

std::vector<library::StoredFeatureSet> store_sets(Database& database, const AnalyzeArguments& arguments) {
  std::vector<library::StoredFeatureSet> sets;
  for (const analyze::FeatureInfo* feature : arguments.analyzer.features) {
    sets.push_back(library::store_feature_set(
        database, library::feature_set_of(*feature, arguments.analyzer.feature, arguments.analyzer.analysis_rate)));
  }
  return sets;
}

library::CatalogueReport scan(Database& database, const std::vector<std::filesystem::path>& roots,
                              AnalyzeArguments& arguments) {
  arguments.scan.extensions = jobs::audio_extensions();
  arguments.scan.links = arguments.links == "follow" ? jobs::LinkPolicy::follow : jobs::LinkPolicy::skip;
  library::CatalogueOptions options;
  options.hash = arguments.hash;
  if (!arguments.shard.empty()) options.shard = jobs::parse_shard(arguments.shard);
  const library::CatalogueReport report =
      library::update_catalogue(database, roots, jobs::scan_files(roots, arguments.scan), options);
  for (const std::string& problem : report.problems) print_error(problem);
  if (!arguments.quiet) {
    print_note(fmt::format("{} tracks: {} new, {} changed, {} moved, {} missing", report.found, report.added,
                           report.changed, report.moved, report.missing));
  }
  return report;
}

bool is_named(const analyze::FeatureInfo& feature, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return name == feature.name || name == feature.group; });
}

/// Throws where a name is of no feature that this run computes.
void require_chosen(const AnalyzeArguments& arguments) {
  for (const std::string& name : arguments.overwrite) {
    const auto& chosen = arguments.analyzer.features;
    const auto is_it = [&](const analyze::FeatureInfo* feature) { return is_named(*feature, {name}); };
    if (std::any_of(chosen.begin(), chosen.end(), is_it)) continue;
    throw Error(ErrorCode::invalid_argument, "--overwrite",
                fmt::format("'{}' is none of the features and models of this run", name));
  }
}

void reopen(Database& database, library::Results& results, const AnalyzeArguments& arguments,
            const std::optional<library::CurveFiles>& curve_files) {
  database.transaction([&] {
    if (arguments.retry_failed) results.reopen_failures();
    for (std::size_t i = 0; i < results.sets().size(); ++i) {
      if (is_named(*arguments.analyzer.features[i], arguments.overwrite)) results.reopen(i);
    }
    if (curve_files) library::reopen_without_curves(database, results, *curve_files);
  });
}

library::JobOptions job_options(const AnalyzeArguments& arguments, std::vector<std::filesystem::path> roots) {
  library::JobOptions options;
  options.roots = std::move(roots);
  options.workers = arguments.threads > 0 ? arguments.threads : base::usable_cores(base::read_machine());
  options.limits = arguments.limits;
  options.sidecars = !arguments.sidecar.empty();
  if (!arguments.timeseries.empty()) {
    options.curve_files.emplace(arguments.timeseries, arguments.timeseries_format, options.roots);
  }
  return options;
}

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

library::JobSummary run(Database& database, library::Results& results, const library::JobOptions& options,
                        const AnalyzeArguments& arguments, const std::stop_token& stop) {
  MonitorOptions monitor_options = arguments.monitor;
  monitor_options.bar = !arguments.quiet;
  JobMonitor monitor(monitor_options);
  const auto observe = [&](const library::JobEvent* event, const library::JobSummary& so_far) {
    report(event);
    monitor.observe(event, so_far);
  };
  const library::JobSummary summary =
      library::run_job(database, results, library::feature_analyst(arguments.analyzer), options, observe, stop);
  monitor.finish(summary);
  return summary;
}

int analyze_library(AnalyzeArguments& arguments) {
  std::vector<analyze::FeatureInfo> models;
  arguments.analyzer.feature.curves = !arguments.timeseries.empty();
  arguments.analyzer.features = arguments.choice.open(models, arguments.analyzer.feature.curves);
  require_chosen(arguments);
  const library::JobOptions options = job_options(arguments, library::absolute_roots(arguments.folders));
  base::apply({.cores = {}, .nice = arguments.nice});
  const InterruptWatch interrupt("finishing the tracks under way");
  Database database(arguments.output, Database::Access::write);
  library::Results results(database, store_sets(database, arguments));
  const library::CatalogueReport found = scan(database, options.roots, arguments);
  reopen(database, results, arguments, options.curve_files);
  if (options.sidecars) library::refresh_sidecars(database);
  const library::JobSummary summary = run(database, results, options, arguments, interrupt.token());
  if (!arguments.quiet) print_note(library::summary_text(summary));
  if (arguments.profile) print_note(library::stage_table(summary));
  if (summary.interrupted) print_error("stopped before all tracks were done; the same command goes on");
  const bool whole = summary.failed == 0 && summary.vanished == 0 && !summary.interrupted && found.problems.empty();
  return whole ? kAllGood : kSomeItemsFailed;
}

}  // namespace

void add_analyze_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<AnalyzeArguments>();
  CLI::App* command = app.add_subcommand("analyze", "measure all tracks of a music library");
  add_analyze_options(*command, *arguments);
  allow_environment(*command);
  command->callback([arguments, &action] {
    action = [arguments] {
      print_library_log(arguments->verbose);
      return analyze_library(*arguments);
    };
  });
}

}  // namespace vivace::cli
