#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "bench/cost_text.hpp"
#include "bench/csv_table.hpp"
#include "bench/environment.hpp"
#include "bench/experiment.hpp"
#include "cli/bench_command.hpp"
#include "cli/bench_run_arguments.hpp"
#include "cli/bench_table.hpp"
#include "cli/console.hpp"
#include "cli/interrupt.hpp"
#include "cli/settings.hpp"

namespace vivace::cli {
namespace {

constexpr const char* kStandardOutput = "-";

bool prints_json(const BenchRunArguments& arguments) { return arguments.json || arguments.output == kStandardOutput; }
bool prints_csv(const BenchRunArguments& arguments) { return arguments.csv == kStandardOutput; }

/// The files that a result is written to, taken hold of before anything is measured.
class OutputFiles {
 public:
  explicit OutputFiles(const BenchRunArguments& arguments) {
    if (is_file(arguments.output)) json_.emplace(arguments.output);
    if (is_file(arguments.csv)) csv_.emplace(arguments.csv);
    if (!arguments.profile.empty()) base::AtomicFile(arguments.profile);  // which the engine will write
  }

  void write(const bench::Result& result) {
    if (json_) write(*json_, bench::to_json(result));
    if (csv_) write(*csv_, bench::to_csv(result));
  }

 private:
  static bool is_file(const std::string& path) { return !path.empty() && path != kStandardOutput; }

  static void write(base::AtomicFile& file, const std::string& text) {
    file.write(text);
    file.commit();
  }

  std::optional<base::AtomicFile> json_, csv_;
};

/// Throws Error(invalid_argument) for what is no price and for months that cannot be.
std::optional<bench::Price> price_of(const BenchRunArguments& arguments) {
  bench::require_possible(arguments.cost);
  return arguments.price.empty() ? std::nullopt : std::optional(bench::parse_price(arguments.price));
}

void print(const BenchRunArguments& arguments, const bench::Result& result, const std::optional<bench::Price>& price) {
  if (prints_json(arguments)) {
    base::write_standard_output(bench::to_json(result));
  } else if (prints_csv(arguments)) {
    base::write_standard_output(bench::to_csv(result));
  } else if (!arguments.quiet) {
    base::write_standard_output(bench_table(result));
    if (price) base::write_standard_output(bench::costs_to_text({{"cost", result, *price}}, arguments.cost));
  }
}

int exit_code_of(const bench::Result& result) {
  const auto ran = [](const bench::Run& run) { return !run.samples.empty(); };
  const auto is_sound = [](const bench::Run& run) { return run.problems.empty(); };
  if (std::none_of(result.runs.begin(), result.runs.end(), ran)) return kNothingCouldRun;
  return std::all_of(result.runs.begin(), result.runs.end(), is_sound) ? kAllGood : kSomeItemsFailed;
}

int run_bench(const BenchRunArguments& arguments) {
  const InterruptWatch interrupt("ending the measurement");
  const bench::Experiment experiment = experiment_of(arguments);
  const auto progress = [&](const std::string& what) {
    if (!arguments.quiet) show_progress(what);
  };
  const std::vector<bench::Axis> axes = axes_of(arguments);
  bench::experiments_of(experiment, bench::combinations(axes));
  const std::optional<bench::Price> price = price_of(arguments);
  OutputFiles files(arguments);
  const bench::MeasureContext context{bench::machine_clock(), interrupt.token(), progress};
  const bench::Result result = bench::run_experiment(experiment, axes, bench::read_environment(), context);
  clear_progress();
  print(arguments, result, price);
  files.write(result);
  if (arguments.quiet || prints_json(arguments) || prints_csv(arguments)) {
    for (const bench::Run& run : result.runs) {
      for (const std::string& problem : run.problems)
        print_error(fmt::format("{}: {}", run.name.empty() ? run.target : run.name, problem));
    }
  }
  return exit_code_of(result);
}

}  // namespace

void add_bench_run(CLI::App& bench, Action& action) {
  auto arguments = std::make_shared<BenchRunArguments>();
  CLI::App* command = bench.add_subcommand("run", "measure a model or a pipeline under a load");
  add_bench_run_options(*command, *arguments);
  allow_environment(*command);
  command->callback([arguments, &action] {
    action = [arguments] {
      print_library_log(arguments->verbose);
      return run_bench(*arguments);
    };
  });
}

}  // namespace vivace::cli
