#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "bench/cost.hpp"
#include "bench/cost_text.hpp"
#include "cli/bench_command.hpp"
#include "cli/price_arguments.hpp"
#include "vivace/error.hpp"

namespace vivace::cli {
namespace {

struct CostArguments {
  std::string result;
  std::string against;
  std::vector<std::string> prices;
  bench::CostOptions cost;
  bool json = false;
};

bench::PricedResult priced_result(const std::string& path, const std::string& price) {
  return {path, bench::read_json(path), bench::parse_price(price)};
}

int show_cost(const CostArguments& arguments) {
  const std::size_t results = arguments.against.empty() ? 1 : 2;
  if (arguments.prices.size() > results) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("--price is given {} times for {} results", arguments.prices.size(), results));
  }
  std::vector<bench::PricedResult> priced{priced_result(arguments.result, arguments.prices.front())};
  if (results == 2) priced.push_back(priced_result(arguments.against, arguments.prices.back()));
  base::write_standard_output(arguments.json ? bench::costs_to_json(priced, arguments.cost)
                                             : bench::costs_to_text(priced, arguments.cost));
  return kAllGood;
}

}  // namespace

void add_bench_cost(CLI::App& bench, Action& action) {
  auto arguments = std::make_shared<CostArguments>();
  CLI::App* command = bench.add_subcommand("cost", "what the measured work costs, and from which load on it pays");
  command->add_option("result", arguments->result, "a result of vivace bench run")->required();
  command
      ->add_option("--price", arguments->prices,
                   "what a machine costs: 2.50/h, '1500 EUR/month'; once more for the machine of --against")
      ->required()
      ->take_all();
  command->add_option("--against", arguments->against, "a result of another machine: from which load on does it pay");
  add_cost_options(*command, arguments->cost);
  command->add_flag("--json", arguments->json, "write JSON");
  command->callback([arguments, &action] { action = [arguments] { return show_cost(*arguments); }; });
}

}  // namespace vivace::cli
