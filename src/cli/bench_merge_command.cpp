#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "bench/merge.hpp"
#include "cli/bench_command.hpp"
#include "cli/bench_table.hpp"

namespace vivace::cli {
namespace {

struct MergeArguments {
  std::vector<std::string> results;
  std::string output;
};

int merge(const MergeArguments& arguments) {
  std::vector<bench::NamedResult> results;
  for (const std::string& path : arguments.results) results.push_back({path, bench::read_json(path)});
  const bench::Result merged = bench::merge_results(results);
  if (arguments.output == "-") {
    base::write_standard_output(bench::to_json(merged));
  } else {
    base::write_standard_output(bench_table(merged));
    bench::write_json(merged, arguments.output);
  }
  const auto is_sound = [](const bench::Run& run) { return run.problems.empty(); };
  return std::ranges::all_of(merged.runs, is_sound) ? kAllGood : kSomeItemsFailed;
}

}  // namespace

void add_bench_merge(CLI::App& bench, Action& action) {
  auto arguments = std::make_shared<MergeArguments>();
  CLI::App* command = bench.add_subcommand("merge", "results of load generators that ran at the same time, as one");
  command->add_option("result", arguments->results, "two results or more of vivace bench run")->required();
  command
      ->add_option("-o,--output", arguments->output, "write the result as JSON; - is standard output, without a table")
      ->required();
  command->callback([arguments, &action] { action = [arguments] { return merge(*arguments); }; });
}

}  // namespace vivace::cli
