#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/placement_arguments.hpp"
#include "model/graph_comparison.hpp"
#include "model/input_shape.hpp"
#include "model/model.hpp"
#include "tasks/embed/model_comparison.hpp"
#include "vivace/error.hpp"

namespace vivace::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostSamples = 100000;
constexpr std::int64_t kLongestAxis = 1 << 20;

struct CompareArguments {
  std::string a;
  std::string b;  // empty: the same as `a`
  PlacementOptions placement_a{};
  std::string backend_b;  // these three: empty: as for `a`
  std::string provider_b;
  std::string precision_b;
  std::vector<std::string> files;
  std::size_t samples = 4;
  std::int64_t free_axis = 0;  // 0: what the model's manifest makes of it, else 1
  std::optional<double> tolerance;
  bool json = false;

  const std::string& model_b() const { return b.empty() ? a : b; }
  PlacementOptions placement_b() const {
    PlacementOptions placement = placement_a;
    if (!backend_b.empty()) placement.backend = backend_b;
    if (!provider_b.empty()) placement.provider = provider_b;
    if (!precision_b.empty()) placement.precision = precision_b;
    return placement;
  }
};

bool is_bare_graph(const std::string& name) {
  return std::filesystem::exists(name) && !std::filesystem::exists(std::filesystem::path(name) / model::kManifestFile);
}

runtime::SessionOptions session_options(const std::string& name, const PlacementOptions& placement) {
  runtime::SessionOptions options;
  options.placement = placement;
  if (is_bare_graph(name)) {
    options.graph = name;
  } else {
    const model::Model found = model::find_model(name);
    options.graph = found.file(model::graph_role(found.manifest, placement.backend));
  }
  return options;
}

/// How long the free axis of a model's input is to be: frames for two patches of a graph that cuts them, else 1.
std::int64_t default_free_axis(const std::string& name) {
  if (is_bare_graph(name)) return 1;
  const model::RowLengths rows = model::graph_inputs(name, 1).rows;
  return rows.first == 1 ? 1 : static_cast<std::int64_t>(rows.length_of(2));
}

bool are_recorded_tensors(const std::vector<std::string>& files) {
  return std::all_of(files.begin(), files.end(),
                     [](const std::string& file) { return std::filesystem::path(file).extension() == ".npy"; });
}

model::ModelComparison compare(const CompareArguments& arguments) {
  const std::vector<std::filesystem::path> files(arguments.files.begin(), arguments.files.end());
  if (!are_recorded_tensors(arguments.files)) {
    return embed::compare_models({.model = arguments.a, .placement = arguments.placement_a},
                                 {.model = arguments.model_b(), .placement = arguments.placement_b()}, files);
  }
  const std::int64_t free_axis = arguments.free_axis > 0 ? arguments.free_axis : default_free_axis(arguments.a);
  return model::compare_graphs(session_options(arguments.a, arguments.placement_a),
                               session_options(arguments.model_b(), arguments.placement_b()),
                               {.recorded = files, .samples = arguments.samples, .free_axis = free_axis});
}

bool is_within(const model::OutputParity& parity, const std::optional<double>& tolerance) {
  return !tolerance || (parity.not_finite == 0 && parity.max_abs <= *tolerance);
}

/// Says what is above the tolerance.
std::string excess(const model::OutputParity& parity, double tolerance) {
  if (parity.not_finite == 0) {
    return fmt::format("'{}' differs by {:.3g}, above the tolerance of {:g}", parity.output, parity.max_abs, tolerance);
  }
  return fmt::format("'{}' holds NaN or infinity in {} of {} rows, first in row {} of {}: within no tolerance",
                     parity.output, parity.not_finite, parity.rows, parity.worst.row, parity.worst.origin);
}

/// JSON has no infinity.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json("inf"); }

Json report(const std::vector<model::OutputParity>& outputs) {
  Json all = Json::array();
  for (const model::OutputParity& parity : outputs) {
    all.push_back({{"output", parity.output},
                   {"rows", parity.rows},
                   {"columns", parity.columns},
                   {"not_finite", parity.not_finite},
                   {"cosine_min", parity.cosine_min},
                   {"cosine_mean", parity.cosine_mean},
                   {"max_abs", number(parity.max_abs)},
                   {"mean_abs", number(parity.mean_abs)},
                   {"worst",
                    {{"input", parity.worst.origin},
                     {"row", parity.worst.row},
                     {"cosine", parity.worst.cosine},
                     {"max_abs", number(parity.worst.max_abs)}}}});
  }
  return all;
}

void print_table(const model::ModelComparison& comparison) {
  fmt::print("{} and {}\n", comparison.placement_a, comparison.placement_b);
  fmt::print("{:<24}{:>8}{:>12}{:>14}{:>14}{:>12}{:>12}  {}\n", "output", "rows", "not finite", "cosine min",
             "cosine mean", "max abs", "mean abs", "worst row");
  for (const model::OutputParity& parity : comparison.outputs) {
    fmt::print("{:<24}{:>8}{:>12}{:>14.8f}{:>14.8f}{:>12.2e}{:>12.2e}  {} of {}\n", parity.output, parity.rows,
               parity.not_finite, parity.cosine_min, parity.cosine_mean, parity.max_abs, parity.mean_abs,
               parity.worst.row, parity.worst.origin);
  }
}

int compare_and_print(CompareArguments& arguments) {
  arguments.placement_a.cache = false;  // what is asked for is compared, not what was tuned
  const model::ModelComparison comparison = compare(arguments);
  const std::vector<model::OutputParity>& outputs = comparison.outputs;
  const auto largest = std::max_element(outputs.begin(), outputs.end(),
                                        [](const auto& one, const auto& other) { return one.max_abs < other.max_abs; });
  const bool within = largest == outputs.end() || is_within(*largest, arguments.tolerance);
  if (arguments.json) {
    fmt::print("{}\n", Json{{"placement_a", comparison.placement_a},
                            {"placement_b", comparison.placement_b},
                            {"outputs", report(outputs)},
                            {"within_tolerance", within}}
                           .dump(2));
  } else {
    print_table(comparison);
  }
  if (!within) print_error(excess(*largest, *arguments.tolerance));
  return within ? kAllGood : kSomeItemsFailed;
}

}  // namespace

void add_compare_models_command(CLI::App& model_command, Action& action) {
  auto arguments = std::make_shared<CompareArguments>();
  CLI::App* command =
      model_command.add_subcommand("compare", "how far the outputs of two models or backends are apart");
  command->add_option("a", arguments->a, "installed model, model folder or graph file")->required();
  command->add_option("b", arguments->b, "what it is compared with; the same on other placements without this");
  command->add_option("-i,--input", arguments->files, "audio files, or .npy files with what a graph takes");
  command->add_option("--samples", arguments->samples, "without input: how many runs on seeded random numbers")
      ->check(CLI::Range(std::size_t{1}, kMostSamples))
      ->capture_default_str();
  command->add_option("--free-axis", arguments->free_axis, "with random numbers: length of axes that are free")
      ->check(CLI::Range(std::int64_t{1}, kLongestAxis));
  add_uncached_placement_options(*command, arguments->placement_a);
  command->add_option("--backend-b", arguments->backend_b, "backend of the second, where it is not the same");
  command->add_option("--provider-b", arguments->provider_b, "provider of the second");
  command->add_option("--precision-b", arguments->precision_b, "precision of the second");
  command
      ->add_option("--tolerance", arguments->tolerance, "exit code 1 where a number differs by more, or is not finite")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--json", arguments->json, "as one JSON object");
  command->callback([arguments, &action] {
    action = [arguments] {
      print_library_log(false);
      return compare_and_print(*arguments);
    };
  });
}

}  // namespace vivace::cli
