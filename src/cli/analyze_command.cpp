#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/scheduling.hpp"
#include "cli/analyze_arguments.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/interrupt.hpp"
#include "cli/library_job.hpp"
#include "cli/settings.hpp"
#include "library/analyze_job.hpp"
#include "library/database.hpp"
#include "library/sidecar.hpp"
#include "library/stem_features.hpp"
#include "vivace/error.hpp"
#include "vivace/separate.hpp"

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
    if (arguments.job.retry_failed) results.reopen_failures();
    for (std::size_t i = 0; i < results.sets().size(); ++i) {
      if (is_named(*arguments.analyzer.features[i], arguments.overwrite)) results.reopen(i);
    }
    if (curve_files) library::reopen_without_curves(database, results, *curve_files);
  });
}

library::JobOptions job_options(const AnalyzeArguments& arguments, std::vector<std::filesystem::path> roots) {
  library::JobOptions options;
  options.roots = std::move(roots);
  options.workers = thread_count(arguments.job);
  options.limits = arguments.job.limits;
  options.sidecars = !arguments.sidecar.empty();
  if (!arguments.timeseries.empty()) {
    options.curve_files.emplace(arguments.timeseries, arguments.timeseries_format, options.roots);
  }
  return options;
}

/// Opens what is to separate tracks, one segment of a track at a time, as tracks are worked on at the same time.
std::shared_ptr<const Separator> open_separator(const AnalyzeArguments& arguments) {
  if (!arguments.stems && arguments.stems_model.empty()) return nullptr;
  SeparateOptions options;
  if (!arguments.stems_model.empty()) options.model = arguments.stems_model;
  options.placement = arguments.choice.placement;
  return std::make_shared<const Separator>(options);
}

int analyze_library(AnalyzeArguments& arguments) {
  const InterruptWatch interrupt("finishing the tracks under way");  // before a model starts threads
  std::vector<analyze::FeatureInfo> models;
  std::vector<analyze::FeatureInfo> of_stems;
  arguments.analyzer.feature.curves = !arguments.timeseries.empty();
  arguments.analyzer.features = arguments.choice.open(models, arguments.analyzer.feature.curves);
  const std::size_t first_of_stems = arguments.analyzer.features.size();
  const std::shared_ptr<const Separator> separator = open_separator(arguments);
  if (separator) of_stems = library::stem_features(*separator, arguments.choice.plain());
  for (const analyze::FeatureInfo& feature : of_stems) arguments.analyzer.features.push_back(&feature);
  require_chosen(arguments);
  const library::JobOptions options = job_options(arguments, library::absolute_roots(arguments.job.folders));
  base::apply({.cores = {}, .nice = arguments.job.nice});
  Database database(arguments.output, Database::Access::write);
  library::Results results(database, store_sets(database, arguments), scope_of(options.roots, arguments.job));
  const library::CatalogueReport found = scan_library(database, options.roots, arguments.job, interrupt.token());
  reopen(database, results, arguments, options.curve_files);
  if (options.sidecars) library::refresh_sidecars(database);
  const library::TrackAnalyst analyst = separator
                                            ? library::analyst_with_stems(arguments.analyzer, first_of_stems, separator)
                                            : library::feature_analyst(arguments.analyzer);
  return run_library_job(database, results, analyst, options, found, arguments.job, {}, interrupt.token());
}

}  // namespace

void add_analyze_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<AnalyzeArguments>();
  CLI::App* command = app.add_subcommand("analyze", "measure all tracks of a music library");
  add_analyze_options(*command, *arguments);
  allow_environment(*command);
  command->callback([arguments, &action] {
    action = [arguments] {
      print_library_log(arguments->job.verbose);
      return analyze_library(*arguments);
    };
  });
}

}  // namespace vivace::cli
