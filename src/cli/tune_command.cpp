#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_budget.hpp"
#include "bench/model_inputs.hpp"
#include "bench/text_table.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/interrupt.hpp"
#include "cli/placement_arguments.hpp"
#include "cli/repeatable.hpp"
#include "cli/settings.hpp"
#include "cli/shape_argument.hpp"
#include "model/input_shape.hpp"
#include "runtime/input_contract.hpp"
#include "runtime/placement.hpp"
#include "runtime/session.hpp"
#include "vivace/tune.hpp"

namespace vivace::cli {
namespace {

constexpr std::size_t kMostTrialsShown = 12;
constexpr double kLongestBudget = 86400;
constexpr std::size_t kLargestBatch = 4096;

struct TuneArguments {
  std::string model;
  std::string goal = "throughput";
  std::vector<std::string> shapes;
  TuneOptions tune;
  double least_cosine = 0;
  std::size_t most_shown = kMostTrialsShown;
  bool keeps = true;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
};

std::vector<TensorDescription> graph_inputs_of(const TuneArguments& arguments) {
  runtime::SessionOptions probe;
  probe.graph = arguments.tune.graph;
  probe.placement = arguments.tune.placement;
  probe.placement.precision = "auto";
  return runtime::described(runtime::open_session(probe)->inputs());
}

/// The only rows that inputs take; 0 where the first axis of one is free.
std::int64_t fixed_rows_of(const std::vector<TensorDescription>& inputs) {
  std::int64_t rows = 0;
  for (const TensorDescription& input : inputs) {
    if (input.shape.empty()) continue;
    if (input.shape.front() < 0) return 0;
    rows = std::max(rows, input.shape.front());
  }
  return rows;
}

/// Random inputs for so many rows, which are the first axes of the shapes asked for.
std::function<std::vector<NamedTensor>(std::size_t)> inputs_of(const TuneArguments& arguments,
                                                               const std::vector<TensorDescription>& inputs) {
  const bool has_free_rows = fixed_rows_of(inputs) == 0;
  return [inputs, has_free_rows, shapes = parse_shapes(arguments.shapes), model = arguments.model](std::size_t rows) {
    bench::InputOptions options;
    options.shapes = model::graph_inputs(model, rows).shapes;
    if (options.shapes.empty() && has_free_rows) options.batch = rows;
    for (auto [name, shape] : shapes) {
      if (has_free_rows && !shape.empty()) shape.front() = static_cast<std::int64_t>(rows);
      options.shapes.insert_or_assign(name, shape);
    }
    return bench::random_requests(inputs, options).front();
  };
}

/// Takes what the manifest of a model says: its graph for a backend, the only batch it takes, the precision it bears.
void settle_by_manifest(TuneArguments& arguments) {
  const model::GraphInputs found = model::graph_inputs(arguments.model, 1, arguments.tune.placement.backend);
  arguments.tune.graph = found.graph;
  if (found.fixed_rows > 0) arguments.tune.batches = {found.fixed_rows};
  if (!found.shapes.empty() && !arguments.shapes.empty()) {
    throw Error(ErrorCode::invalid_argument, "--shape",
                fmt::format("is for bare graphs; the manifest of '{}' says what its inputs are", arguments.model));
  }
  arguments.tune.least_cosine = arguments.least_cosine > 0 ? std::optional(arguments.least_cosine) : found.least_cosine;
}

/// Milliseconds in three digits, or whole ones.
std::string milliseconds(double seconds) {
  const double value = 1e3 * seconds;
  return value < 99.95 ? fmt::format("{:#.3g}", value) : fmt::format("{:.0f}", value);
}

std::string trials_table(const TuneResult& result, std::size_t most) {
  std::vector<bench::TableRow> rows = {{"", "setting", "rows/s", "ms a run", "turns", ""}};
  for (std::size_t i = 0; i < result.trials.size() && i < most; ++i) {
    const TuneTrial& trial = result.trials[i];
    const bool ran = trial.turns > 0;
    rows.push_back({i == 0 ? "*" : "", to_text(trial.setting), ran ? fmt::format("{:.1f}", trial.rows_per_s) : "-",
                    ran ? milliseconds(trial.latency_s) : "-", std::to_string(trial.turns),
                    bench::plain_text(trial.problem)});
  }
  return bench::text_table(rows, {false, false, true, true, true, false});
}

nlohmann::json to_json(const TunedSetting& setting) {
  return {{"backend", setting.backend}, {"provider", setting.provider}, {"precision", setting.precision},
          {"layout", setting.layout},   {"threads", setting.intra_op},  {"workers", setting.workers},
          {"batch", setting.batch}};
}

nlohmann::json to_json(const TuneResult& result, bool kept) {
  nlohmann::json trials = nlohmann::json::array();
  for (const TuneTrial& trial : result.trials) {
    nlohmann::json row = to_json(trial.setting);
    row.update({{"rows_per_s", trial.rows_per_s},
                {"latency_s", trial.latency_s},
                {"turns", trial.turns},
                {"problem", trial.problem}});
    trials.push_back(std::move(row));
  }
  return {{"best", to_json(result.best)}, {"kept", kept}, {"trials", std::move(trials)}};
}

/// Removes the progress line however tuning ends.
TuneResult measured(const TuneArguments& arguments) {
  struct ProgressEnd {
    ~ProgressEnd() { clear_progress(); }
  } const end;
  return tune(arguments.tune, [&](double used) {
    if (!arguments.quiet) show_progress(fmt::format("tuning {:.0f} %", 100 * used));
  });
}

/// Why later runs had better not take the best; empty where they may.
std::string reason_not_to_keep(const TuneArguments& arguments, const TuneResult& result) {
  if (!runtime::is_open(arguments.tune.placement)) return "the choice was limited by options";
  const auto unreached =
      std::count_if(result.trials.begin(), result.trials.end(), [](const TuneTrial& trial) { return trial.unreached; });
  if (unreached == 0) return "";
  return fmt::format("{} of {} settings were not measured within the budget; give it more with --budget", unreached,
                     result.trials.size());
}

int tune_model(TuneArguments& arguments) {
  const InterruptWatch interrupt("ending the measurement");
  arguments.tune.stop = interrupt.token();
  settle_by_manifest(arguments);
  arguments.tune.goal = arguments.goal == "latency" ? TuneGoal::latency : TuneGoal::throughput;
  const std::vector<TensorDescription> inputs = graph_inputs_of(arguments);
  if (const std::int64_t rows = fixed_rows_of(inputs); rows > 0) {
    arguments.tune.batches = {static_cast<std::size_t>(rows)};
  }
  arguments.tune.inputs = inputs_of(arguments, inputs);
  const TuneResult result = measured(arguments);
  const std::string reason = arguments.keeps ? reason_not_to_keep(arguments, result) : "";
  const bool is_kept = arguments.keeps && reason.empty();
  const bool kept = is_kept && keep_tuned(arguments.tune.graph, arguments.tune.goal, result.best);
  if (arguments.json) {
    fmt::print("{}\n", to_json(result, kept).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else if (!arguments.quiet) {
    fmt::print("{}best: {}\n", trials_table(result, arguments.most_shown), to_text(result.best));
  }
  if (is_kept && !kept) print_error("the result cannot be kept: the cache folder cannot be written");
  if (!reason.empty() && !arguments.quiet) print_error("not kept for later runs: " + reason);
  return kAllGood;
}

void add_options(CLI::App& command, TuneArguments& arguments) {
  command.add_option("model", arguments.model, "an ONNX file, an installed model, or a model folder")->required();
  command.add_option("--for", arguments.goal, "what is to be best: throughput or latency")
      ->check(CLI::IsMember({"throughput", "latency"}))
      ->capture_default_str();
  command.add_option("--budget", arguments.tune.budget_s, "time for all measurements, e.g. 60, 90s, 5m")
      ->transform(CLI::AsNumberWithUnit(std::map<std::string, double>{{"s", 1}, {"m", 60}, {"h", 3600}},
                                        CLI::AsNumberWithUnit::CASE_INSENSITIVE, "TIME"))
      ->check(CLI::Range(0.1, kLongestBudget))
      ->capture_default_str();
  command.add_flag("--exhaustive", arguments.tune.exhaustive, "give no setting up before the budget is used");
  command.add_option("--batches", arguments.tune.batches, "numbers of rows to try, e.g. 1,8,32")
      ->delimiter(',')
      ->check(CLI::Range(std::size_t{1}, kLargestBatch))
      ->capture_default_str();
  repeatable(command.add_option("--shape", arguments.shapes, "shape of an input, e.g. ids=1x128"));
  command
      .add_option("--least-cosine", arguments.least_cosine,
                  "take lower precisions where outputs are at least so alike; else as the model says")
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--top", arguments.most_shown, "settings to print")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000}));
  command.add_flag("--keep,!--no-keep", arguments.keeps, "let later runs use the result")->capture_default_str();
  add_placement_options(command, arguments.tune.placement);
  command.add_flag("--json", arguments.json, "print all of it as JSON");
  command.add_flag("-q,--quiet", arguments.quiet, "no progress and no table");
  command.add_flag("-v,--verbose", arguments.verbose, "say why backends were not chosen");
}

}  // namespace

void add_tune_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<TuneArguments>();
  CLI::App* command = app.add_subcommand("tune", "find how a model runs best on this machine");
  add_options(*command, *arguments);
  allow_environment(*command);
  command->callback([arguments, &action] {
    action = [arguments] {
      print_library_log(arguments->verbose);
      return tune_model(*arguments);
    };
  });
}

}  // namespace vivace::cli
