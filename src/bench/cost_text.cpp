#include "bench/cost_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "bench/match.hpp"
#include "bench/metric.hpp"
#include "bench/text_table.hpp"
#include "bench/wording.hpp"
#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

using Json = nlohmann::ordered_json;

/// The fastest run that can be trusted; null where there is none.
const Run* fastest(const Result& result) {
  const Run* best = nullptr;
  for (const Run& run : result.runs) {
    if (run.problems.empty() && items_per_second(run) > 0 &&
        (best == nullptr || items_per_second(run) > items_per_second(*best)))
      best = &run;
  }
  return best;
}

/// Two kinds of machines, and at which loads the second is cheaper.
struct Decision {
  const Run* base = nullptr;
  const Run* other = nullptr;
  BreakEven loads;
};

/// Nothing for a single result, or where a rate is unknown.
std::optional<Decision> decide(const std::vector<PricedResult>& results, const CostOptions& options) {
  if (results.size() != 2) return std::nullopt;
  if (!results[0].price.same_currency(results[1].price)) {
    throw Error(ErrorCode::invalid_argument, fmt::format("{} and {}: prices of different currencies cannot be compared",
                                                         results[0].price.money(results[0].price.amount),
                                                         results[1].price.money(results[1].price.amount)));
  }
  Decision decision{fastest(results[0].result), fastest(results[1].result), {}};
  if (decision.base == nullptr || decision.other == nullptr) return std::nullopt;
  const auto machines = [&](const PricedResult& result, const Run& run) {
    return Machines{result.price.per_hour(options.hours_per_month), items_per_second(run) * options.utilisation};
  };
  decision.loads = break_even(machines(results[0], *decision.base), machines(results[1], *decision.other));
  return decision;
}

std::string load_text(double rate, const CostOptions& options) {
  return fmt::format("{} ({} a month)", rate_text(rate), count_text(rate * 3600 * options.hours_per_month));
}

std::string decision_text(const std::vector<PricedResult>& results, const Decision& decision,
                          const CostOptions& options) {
  const auto& [first, always] = decision.loads;
  const std::string name = plain_text(results[1].name);
  std::string text = fmt::format("\n{} ('{}', {}) against {} ('{}', {}), whole machines:\n  ", name,
                                 plain_text(label_of(*decision.other)), rate_text(items_per_second(*decision.other)),
                                 plain_text(results[0].name), plain_text(label_of(*decision.base)),
                                 rate_text(items_per_second(*decision.base)));
  if (!first) return text + fmt::format("{} pays at no load\n", name);
  if (always && *always == 0) return text + fmt::format("{} pays at every load\n", name);
  text += *first == 0 ? fmt::format("{} pays at the smallest loads", name)
                      : fmt::format("{} pays from {} on", name, load_text(*first, options));
  if (!always) return text + ", but not at every load above\n";
  if (*always > *first) text += fmt::format(", and never costs more from {} on", load_text(*always, options));
  return text + "\n";
}

std::string remark_of(const Run& run, const RunCost& cost) {
  if (!run.problems.empty()) return "not to be trusted: " + plain_text(run.problems.front());
  return cost.is_of_offered_rate ? "at the rate that was offered, not the highest" : "";
}

std::string result_text(const PricedResult& result, const CostOptions& options) {
  const double per_hour = result.price.per_hour(options.hours_per_month);
  std::string text =
      fmt::format("{}: {} an hour, {} a month of {:g} hours, {:g} % of the time in use\n", plain_text(result.name),
                  result.price.money(per_hour), result.price.money(per_hour * options.hours_per_month),
                  options.hours_per_month, 100 * options.utilisation);
  std::vector<TableRow> rows;
  for (const Run& run : result.result.runs) {
    const RunCost cost = cost_of(run, result.price, options);
    for (const auto& [name, value] : named_costs(cost)) {
      rows.push_back({plain_text(label_of(run)), rate_text(items_per_second(run)), result.price.money(value), name,
                      remark_of(run, cost)});
    }
  }
  return text + text_table(rows, {false, true, true, false, false});
}

Json to_object(const PricedResult& result, const CostOptions& options) {
  Json runs = Json::array();
  for (const Run& run : result.result.runs) {
    const RunCost cost = cost_of(run, result.price, options);
    const auto optional = [](const std::optional<double>& value) { return value ? Json(*value) : Json(); };
    runs.push_back({{"name", label_of(run)},
                    {"items_per_s", items_per_second(run)},
                    {"at_offered_rate", cost.is_of_offered_rate},
                    {"per_million_items", optional(cost.per_million_items)},
                    {"per_thousand_audio_hours", optional(cost.per_thousand_audio_hours)},
                    {"per_thousand_stream_hours", optional(cost.per_thousand_stream_hours)},
                    {"problems", run.problems}});
  }
  const double per_hour = result.price.per_hour(options.hours_per_month);
  return {{"result", result.name},
          {"currency", result.price.before + result.price.after},
          {"per_hour", per_hour},
          {"per_month", per_hour * options.hours_per_month},
          {"runs", std::move(runs)}};
}

}  // namespace

std::string costs_to_text(const std::vector<PricedResult>& results, const CostOptions& options) {
  const auto decision = decide(results, options);
  std::string text;
  for (const PricedResult& result : results) text += result_text(result, options);
  return decision ? text + decision_text(results, *decision, options) : text;
}

std::string costs_to_json(const std::vector<PricedResult>& results, const CostOptions& options) {
  const auto decision = decide(results, options);
  Json list = Json::array();
  for (const PricedResult& result : results) list.push_back(to_object(result, options));
  Json json{
      {"hours_per_month", options.hours_per_month}, {"utilisation", options.utilisation}, {"results", std::move(list)}};
  if (decision) {
    const auto load = [](const std::optional<double>& rate) { return rate ? Json(*rate) : Json(); };
    json["break_even"] = {{"pays_from_items_per_s", load(decision->loads.first)},
                          {"never_costs_more_from_items_per_s", load(decision->loads.always)}};
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace vivace::bench
