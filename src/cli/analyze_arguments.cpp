#include "cli/analyze_arguments.hpp"

#include "tasks/analyze/curve_file.hpp"

namespace vivace::cli {
namespace {

constexpr double kUsualTimeLimit = 1800;

void add_choice(CLI::App& command, AnalyzeArguments& arguments) {
  add_feature_choice(command, arguments.choice);
  command.add_option("--overwrite", arguments.overwrite, "compute these again")->delimiter(',');
  command.add_flag("--retry-failed", arguments.job.retry_failed, "try again what failed");
  command.add_flag("--stems", arguments.stems, "the features that are no models also of the stems of each track");
  command.add_option("--stems-model", arguments.stems_model, "the model that separates; see vivace separate");
  add_analyzer_options(command, arguments.analyzer);
}

void add_files(CLI::App& command, AnalyzeArguments& arguments) {
  command.add_option("--sidecar", arguments.sidecar, "also write <track>.json beside each track")
      ->check(CLI::IsMember({"json"}));
  command.add_option("--timeseries", arguments.timeseries,
                     "also write the frames over time to a file a track in this folder, laid out as the library");
  command.add_option("--timeseries-format", arguments.timeseries_format, "the format of those files")
      ->check(CLI::IsMember(analyze::curve_formats()))
      ->capture_default_str();
}

}  // namespace

void add_analyze_options(CLI::App& command, AnalyzeArguments& arguments) {
  arguments.job.limits.time_s = kUsualTimeLimit;
  command.add_option("folders", arguments.job.folders, "folders that are searched for audio, and files")->required();
  command.add_option("-o,--output", arguments.output, "the library, an SQLite database")->capture_default_str();
  add_choice(command, arguments);
  add_scan_options(command, arguments.job);
  add_limit_options(command, arguments.job);
  add_files(command, arguments);
  add_reporting_options(command, arguments.job);
}

}  // namespace vivace::cli
