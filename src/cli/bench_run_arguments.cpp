#include "cli/bench_run_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "cli/bench_run_contradictions.hpp"
#include "cli/placement_arguments.hpp"
#include "cli/price_arguments.hpp"
#include "cli/repeatable.hpp"
#include "cli/shape_argument.hpp"
#include "jobs/scan.hpp"
#include "vivace/error.hpp"

namespace vivace::cli {
namespace {

constexpr double kLeast = 1e-9;  // above 0
constexpr double kLongestSeconds = 1e6;
constexpr double kHighestRate = 1e7;
constexpr std::size_t kMostStreams = 100'000;
constexpr std::size_t kMostWorkers = 1024;

constexpr std::size_t kUsualSlices = 10;

bench::ModelTargetOptions model_target(const BenchRunArguments& arguments, const std::string& name, bool queued) {
  bench::ModelTargetOptions options;
  options.name = name;
  options.installed = name;
  options.engine.placement = arguments.placement;
  options.engine.threads.workers = arguments.workers.value_or(1);
  options.engine.max_batch = arguments.max_batch.value_or(1);
  options.engine.trace = arguments.profile;
  options.engine.max_delay = std::chrono::microseconds(arguments.max_delay_us.value_or(0));
  options.inputs.shapes = parse_shapes(arguments.shapes);
  options.inputs.recorded = arguments.recorded;
  options.inputs.seed = arguments.seed;
  options.queued = queued;
  return options;
}

std::vector<std::filesystem::path> named_tracks(const BenchRunArguments& arguments) {
  return {arguments.target.begin() + 1, arguments.target.end()};
}

std::string name_of_tracks(const BenchRunArguments& arguments) {
  return arguments.target[1] + (arguments.target.size() > 2 ? " …" : "");
}

bench::EmbedTargetOptions embed_target(const BenchRunArguments& arguments, const std::string& model) {
  bench::EmbedTargetOptions options;
  options.name = name_of_tracks(arguments);
  if (!model.empty()) options.embed.model = model;
  options.embed.placement = arguments.placement;
  options.embed.keep_rows = false;
  options.tracks = jobs::scan(named_tracks(arguments), jobs::audio_extensions());
  return options;
}

bench::SeparateTargetOptions separate_target(const BenchRunArguments& arguments, const std::string& model) {
  bench::SeparateTargetOptions options;
  options.name = name_of_tracks(arguments);
  if (!model.empty()) options.separate.model = model;
  options.separate.placement = arguments.placement;
  if (arguments.workers) options.separate.workers = *arguments.workers;
  options.tracks = jobs::scan(named_tracks(arguments), jobs::audio_extensions());
  return options;
}

bench::TargetOptions target_of(const BenchRunArguments& arguments, const std::string& model, bool queued) {
  if (!is_pipeline(arguments)) return model_target(arguments, model, queued);
  if (is_embed(arguments)) return embed_target(arguments, model);
  return separate_target(arguments, model);
}

bool is_queued(const std::string& kind) { return kind != "closed" && kind != "single-stream"; }

bench::LoadPlan plan_of(const BenchRunArguments& arguments) {
  bench::LoadPlan plan;
  plan.duration_s = arguments.duration_s;
  plan.warm_up_limit_s = arguments.warm_up_s;
  bench::LoadDescription& load = plan.load;
  load.kind = load_kind_of(arguments);
  load.seed = arguments.seed;
  load.latency_bound_s = arguments.latency_bound_s;
  load.rate_hz = arguments.constant_hz > 0 ? arguments.constant_hz : arguments.poisson_hz;
  load.frame_rate_hz = arguments.frame_rate_hz;
  load.streams = arguments.streams;
  if (load.kind == "closed") load.concurrency = 1;
  plan.searches = arguments.finds_peak || (load.kind == "deadline" && load.streams == 0) ||
                  (load.kind == "server" && load.rate_hz == 0);
  return plan;
}

void add_target_options(CLI::App& command, BenchRunArguments& arguments) {
  command.add_option("target", arguments.target, "an ONNX file or installed model; or: embed FILES…, separate FILES…")
      ->required();
  command.add_option("-m,--model", arguments.model, "of embed or separate; each has its default");
  command.add_option("--interleave", arguments.interleaved,
                     "a second model, or settings as in backend=openvino,threads=2, measured in turn with the first");
  command.add_option("--slices", arguments.slices, "of each target with --interleave")
      ->default_str("10")
      ->check(CLI::Range(1, 10'000));
  repeatable(command.add_option("--shape", arguments.shapes, "shape of an input: name=1x128x96"));
  command.add_option("--input", arguments.recorded, "recorded inputs: NPZ, NPY, or a folder of NPY; else random ones");
  command.add_option("--seed", arguments.seed, "of random inputs and of arrivals")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
}

void add_load_options(CLI::App& command, BenchRunArguments& arguments) {
  CLI::Option* callers = command.add_option("--callers", arguments.callers, "callers of a closed load, e.g. 1,2,4");
  CLI::Option* poisson =
      command.add_option("--poisson", arguments.poisson_hz, "open load: requests a second at random times")
          ->check(CLI::Range(kLeast, kHighestRate));
  CLI::Option* constant =
      command.add_option("--rate", arguments.constant_hz, "open load: requests a second, evenly spaced")
          ->check(CLI::Range(kLeast, kHighestRate));
  CLI::Option* scenario = command.add_option("--scenario", arguments.scenario, "of MLPerf LoadGen")
                              ->check(CLI::IsMember({"single-stream", "multi-stream", "server", "offline"}));
  CLI::Option* deadline =
      command.add_option("--deadline", arguments.frame_rate_hz, "streams with so many frames a second")
          ->check(CLI::Range(kLeast, kHighestRate));
  command.add_option("--streams", arguments.streams, "with --deadline; without: finds the most that are in time")
      ->check(CLI::Range(std::size_t{1}, kMostStreams));
  CLI::Option* peak = command.add_flag("--find-peak", arguments.finds_peak, "highest rate within --latency-bound");
  command.add_option("--latency-bound", arguments.latency_bound_s, "that p99 of the response time must keep, seconds")
      ->check(CLI::Range(kLeast, kLongestSeconds));
  callers->excludes(poisson)->excludes(constant)->excludes(scenario)->excludes(deadline)->excludes(peak);
  poisson->excludes(constant)->excludes(deadline);
  constant->excludes(scenario)->excludes(deadline);
  scenario->excludes(deadline)->excludes(peak);
  deadline->excludes(peak);
  command.add_option("--duration", arguments.duration_s, "of the measurement, seconds")
      ->capture_default_str()
      ->check(CLI::Range(0.001, kLongestSeconds));
  command.add_option("--warm-up", arguments.warm_up_s, "the longest warm-up, seconds")
      ->capture_default_str()
      ->check(CLI::Range(0.0, kLongestSeconds));
}

void add_engine_options(CLI::App& command, BenchRunArguments& arguments) {
  command.add_option("--batch", arguments.batch,
                     "rows a request, of an installed model its patches, e.g. 1,8; of embed: patches a run");
  command.add_option("--threads", arguments.threads,
                     "of one run, e.g. 1,2; of embed: tracks at a time; of separate: of one track");
  repeatable(command.add_option("--sweep", arguments.sweeps, "every value of a setting, e.g. batch=1,2,4"));
  command.add_option("--workers", arguments.workers, "runs at a time; 0: as many as there are cores")
      ->default_str("1")
      ->check(CLI::Range(std::size_t{0}, kMostWorkers));
  command.add_option("--max-batch", arguments.max_batch, "rows of the first axis that requests are merged up to")
      ->default_str("1")
      ->check(CLI::Range(std::size_t{1}, EngineOptions::kMostRows));
  command.add_option("--max-delay-us", arguments.max_delay_us, "a request waits for others, microseconds")
      ->default_str("0")
      ->check(CLI::Range(0, 1'000'000'000));
  add_placement_options(command, arguments.placement);
}

}  // namespace

void add_bench_run_options(CLI::App& command, BenchRunArguments& arguments) {
  add_target_options(command, arguments);
  add_load_options(command, arguments);
  add_engine_options(command, arguments);
  command.add_option("-o,--output", arguments.output, "write the result as JSON; - is standard output");
  command.add_option("--profile", arguments.profile, "write a trace of a model's runs for Chrome's viewer or Perfetto");
  command.add_option("--csv", arguments.csv, "write a table as CSV; - is standard output");
  CLI::Option* json = command.add_flag("--json", arguments.json, "print the result as JSON instead of a table");
  CLI::Option* quiet = command.add_flag("-q,--quiet", arguments.quiet, "no progress and no table");
  CLI::Option* price = command
                           .add_option("--price", arguments.price,
                                       "what the machine costs, as in 2.50/h: shows the cost below the table")
                           ->excludes(json)
                           ->excludes(quiet);
  add_cost_options(command, arguments.cost);
  for (const char* option : {"--hours-per-month", "--utilisation"}) command.get_option(option)->needs(price);
  command.add_flag("-v,--verbose", arguments.verbose, "say why backends were not chosen");
}

bench::Experiment experiment_of(const BenchRunArguments& arguments) {
  check_contradictions(arguments);
  bench::Experiment experiment;
  experiment.plan = plan_of(arguments);
  experiment.slices = arguments.slices.value_or(kUsualSlices);
  const bool queued = is_queued(experiment.plan.load.kind);
  const auto add = [&](const std::string& model) { experiment.targets.push_back(target_of(arguments, model, queued)); };
  const std::string& first = is_pipeline(arguments) ? arguments.model : arguments.target.front();
  add(first);
  if (arguments.interleaved.empty()) return experiment;
  const bool names_settings = is_setting(arguments.interleaved);
  if (names_settings) experiment.last_differs_in = bench::parse_setting(arguments.interleaved);
  add(names_settings ? first : arguments.interleaved);
  return experiment;
}

std::vector<bench::Axis> axes_of(const BenchRunArguments& arguments) {
  std::vector<bench::Axis> axes;
  if (!arguments.batch.empty()) axes.push_back(bench::parse_axis("batch=" + arguments.batch));
  if (!arguments.threads.empty()) axes.push_back(bench::parse_axis("threads=" + arguments.threads));
  if (!arguments.callers.empty()) axes.push_back(bench::parse_axis("callers=" + arguments.callers));
  for (const std::string& sweep : arguments.sweeps) axes.push_back(bench::parse_axis(sweep));
  return axes;
}

}  // namespace vivace::cli
