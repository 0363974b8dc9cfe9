#include <memory>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "bench/compare.hpp"
#include "bench/compare_text.hpp"
#include "bench/fail_rule.hpp"
#include "cli/bench_command.hpp"
#include "cli/console.hpp"
#include "cli/price_arguments.hpp"
#include "cli/repeatable.hpp"

namespace vivace::cli {
namespace {

struct CompareArguments {
  std::string base;
  std::vector<std::string> others;
  std::vector<std::string> metrics;
  std::vector<std::string> rules;
  std::string price;
  bench::CostOptions cost;
  bool allow_invalid = false;
  bool strict = false;
  bool markdown = false;
  bool json = false;
};

bench::NamedResult read_result(const std::string& path) { return {path, bench::read_json(path)}; }

int compare(const CompareArguments& arguments) {
  std::vector<bench::FailRule> rules;
  bench::CompareOptions options;
  options.allow_invalid = arguments.allow_invalid;
  for (const std::string& name : arguments.metrics) options.metrics.push_back(bench::metric_named(name));
  for (const std::string& rule : arguments.rules) {
    rules.push_back(bench::parse_fail_rule(rule));
    options.required.push_back(rules.back().metric);
  }
  bench::PricedComparison priced{{}, arguments.cost};
  if (!arguments.price.empty()) priced.price = bench::parse_price(arguments.price);

  const bench::NamedResult base = read_result(arguments.base);
  std::vector<bench::NamedResult> others;
  for (const std::string& path : arguments.others) others.push_back(read_result(path));
  const auto comparisons =
      others.empty() ? bench::compare_in_turn(base, options) : bench::compare(base, others, options);
  const auto findings = bench::check_rules(rules, comparisons, arguments.strict);
  base::write_standard_output(arguments.json       ? bench::to_json(comparisons, priced, findings)
                              : arguments.markdown ? bench::to_markdown(comparisons, priced, findings)
                                                   : bench::to_text(comparisons, priced));
  bool any_fails = false;
  for (const bench::RuleFinding& finding : findings) {
    const bool fails = finding.outcome == bench::RuleOutcome::fails;
    any_fails = any_fails || fails;
    print_error((fails ? "" : "warning: ") + finding.text);
  }
  return any_fails ? kSomeItemsFailed : kAllGood;
}

}  // namespace

void add_bench_compare(CLI::App& bench, Action& action) {
  auto arguments = std::make_shared<CompareArguments>();
  CLI::App* command = bench.add_subcommand("compare", "measurements side by side, and whether they differ");
  command->add_option("base", arguments->base, "the result to compare with")->required();
  command->add_option("new", arguments->others,
                      "results that are compared with it; without any, the runs of the first that were made in turn");
  repeatable(
      command->add_option("--metric", arguments->metrics,
                          "only this: p50, p90, p95, p99, p999, mean (each also service.…), rate, first, load or rss"));
  repeatable(command->add_option("--fail-if", arguments->rules,
                                 "exit code 1 where new / base is for sure beyond a bound: 'p99>1.05', 'rate<0.95'"));
  command->add_flag("--strict-fail", arguments->strict,
                    "let --fail-if go by the ratio alone, however uncertain, and fail without one");
  command->add_flag("--allow-invalid", arguments->allow_invalid, "take runs whose figures are not to be trusted");
  command->add_option("--price", arguments->price, "what the machine costs, as in 2.50/h: shows the cost too");
  add_cost_options(*command, arguments->cost);
  CLI::Option* json = command->add_flag("--json", arguments->json, "write JSON");
  command->add_flag("--markdown", arguments->markdown, "write Markdown, for a pull request")->excludes(json);
  command->callback([arguments, &action] { action = [arguments] { return compare(*arguments); }; });
}

}  // namespace vivace::cli
