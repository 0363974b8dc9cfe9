#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/feature_choice.hpp"
#include "cli/settings.hpp"
#include "tasks/analyze/analyzer.hpp"
#include "tasks/analyze/curve_file.hpp"
#include "tasks/analyze/feature_text.hpp"
#include "tasks/analyze/registry_text.hpp"
#include "vivace/error.hpp"

namespace vivace::cli {
namespace {

struct FeaturesArguments {
  std::string file;
  FeatureChoice choice;
  analyze::AnalyzerOptions analyzer;
  std::string timeseries;
  bool list = false;
  bool json = false;
  bool profile = false;
  bool verbose = false;
};

/// What there is to choose from, without opening models.
int list_features(const FeaturesArguments& arguments) {
  base::write_standard_output(arguments.json ? analyze::registry_json().dump(2) + '\n' : analyze::registry_markdown());
  return kAllGood;
}

/// The format that the file's extension asks for.
std::string curve_format(const std::filesystem::path& path) {
  const std::string extension = base::lower_case(path.extension().string());
  return extension.empty() ? extension : extension.substr(1);
}

/// For CLI11: empty, or why the file's extension is of no use.
std::string check_curve_file(const std::string& path) {
  const auto& formats = analyze::curve_formats();
  if (std::ranges::find(formats, curve_format(path)) != formats.end()) return {};
  return fmt::format("{} must end with one of .{}", path, fmt::join(formats, ", ."));
}

void write_curves(const std::string& path, const analyze::Analysis& analysis) {
  std::vector<analyze::Curve> curves;
  for (const analyze::Findings& findings : analysis.findings) {
    curves.insert(curves.end(), findings.curves.begin(), findings.curves.end());
  }
  analyze::write_curves(path, curve_format(path), curves);
}

int show_features(FeaturesArguments& arguments) {
  if (arguments.list) return list_features(arguments);
  if (arguments.file.empty()) throw Error(ErrorCode::invalid_argument, "no audio file is named; or use --list");
  std::vector<analyze::FeatureInfo> models;
  arguments.analyzer.feature.curves = !arguments.timeseries.empty();
  arguments.analyzer.features = arguments.choice.open(models, arguments.analyzer.feature.curves);
  const analyze::Analysis analysis = analyze::analyze_file(arguments.file, arguments.analyzer);
  if (arguments.analyzer.feature.curves) write_curves(arguments.timeseries, analysis);
  const auto& features = arguments.analyzer.features;
  base::write_standard_output(arguments.json ? analyze::to_json(features, analysis).dump(2) + '\n'
                                             : analyze::to_table(features, analysis));
  for (const analyze::StageTime& time : analysis.times) {
    if (arguments.profile) fmt::print(stderr, "{:<16}{:>9.3f} s\n", time.stage, time.seconds);
  }
  bool failed = false;
  for (std::size_t i = 0; i < features.size(); ++i) {
    if (!analysis.failures[i]) continue;
    print_error(fmt::format("{}: {}", features[i]->name, analysis.failures[i]->what()));
    failed = true;
  }
  return failed ? kSomeItemsFailed : kAllGood;
}

}  // namespace

void add_features_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<FeaturesArguments>();
  CLI::App* command = app.add_subcommand("features", "show what can be measured of a track");
  command->add_option("file", arguments->file, "an audio file");
  command->add_flag("--list", arguments->list, "list all fields with units, ranges and definitions");
  add_feature_choice(*command, arguments->choice);
  add_analyzer_options(*command, arguments->analyzer);
  command
      ->add_option("--timeseries", arguments->timeseries,
                   "also write the frames over time to this file: .npz, .csv, .jsonl or .parquet")
      ->check(check_curve_file);
  command->add_flag("--json", arguments->json, "one JSON object");
  command->add_flag("--profile", arguments->profile, "show where the time goes");
  command->add_flag("-v,--verbose", arguments->verbose, "say more");
  allow_environment(*command);
  command->callback([arguments, &action] {
    action = [arguments] {
      print_library_log(arguments->verbose);
      return show_features(*arguments);
    };
  });
}

}  // namespace vivace::cli
