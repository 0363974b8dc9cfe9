#include <memory>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "bench/report.hpp"
#include "cli/bench_command.hpp"
#include "cli/price_arguments.hpp"

namespace vivace::cli {
namespace {

struct ReportArguments {
  std::vector<std::string> results;
  std::string output;
  std::string price;
  bench::CostOptions cost;
};

int write_report(const ReportArguments& arguments) {
  bench::ReportOptions options{{}, arguments.cost};
  if (!arguments.price.empty()) options.price = bench::parse_price(arguments.price);
  std::vector<bench::NamedResult> results;
  for (const std::string& path : arguments.results) results.push_back({path, bench::read_json(path)});
  const std::string page = bench::to_html(results, options);
  if (arguments.output == "-") {
    base::write_standard_output(page);
  } else {
    base::AtomicFile file(arguments.output);
    file.write(page);
    file.commit();
  }
  return kAllGood;
}

}  // namespace

void add_bench_report(CLI::App& bench, Action& action) {
  auto arguments = std::make_shared<ReportArguments>();
  CLI::App* command = bench.add_subcommand("report", "measurements as one page of HTML with charts");
  command->add_option("result", arguments->results, "results of vivace bench run")->required();
  command->add_option("-o,--output", arguments->output, "the page to write; - is standard output")->required();
  command->add_option("--price", arguments->price, "what the machine costs, as in 2.50/h: shows the cost too");
  add_cost_options(*command, arguments->cost);
  command->callback([arguments, &action] { action = [arguments] { return write_report(*arguments); }; });
}

}  // namespace vivace::cli
