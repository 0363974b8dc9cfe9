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

bool is_trusted(const Run& run) { return run.problems.empty() && items_per_second(run) > 0; }

/// The fastest run that can be trusted and shows what the machine can do; null where there is none.
const Run* fastest(const Result& result) {
  const Run* best = nullptr;
  for (const Run& run : result.runs) {
    if (is_trusted(run) && !is_of_offered_rate(run) &&
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
  std::vector<std::string> differences;  ///< in what they worked on
  std::string left_out;                  ///< why nothing can be said of loads; else empty
};

void require_one_currency(const std::vector<PricedResult>& results) {
  if (results[0].price.same_currency(results[1].price)) return;
  throw Error(ErrorCode::invalid_argument, fmt::format("{} and {}: prices of different currencies cannot be compared",
                                                       results[0].price.money(results[0].price.amount),
                                                       results[1].price.money(results[1].price.amount)));
}

/// Throws where runs that can be trusted count different things.
void require_one_unit(const std::vector<PricedResult>& results) {
  std::string unit;
  for (const PricedResult& result : results) {
    for (const Run& run : result.result.runs) {
      if (!is_trusted(run)) continue;
      if (unit.empty()) unit = items_name(run);
      if (unit == items_name(run)) continue;
      throw Error(
          ErrorCode::invalid_argument, results[1].name,
          fmt::format("cannot be set against {}: a load of {} is none of {}", results[0].name, unit, items_name(run)));
    }
  }
}

/// Why a result has no run that shows what its machine can do.
std::string lack_of(const PricedResult& result) {
  const bool any_is_trusted = std::any_of(result.result.runs.begin(), result.result.runs.end(), is_trusted);
  return any_is_trusted ? fmt::format(
                              "the rates of {} were offered, not the highest; measure a closed load (--callers) "
                              "or --find-peak",
                              plain_text(result.name))
                        : fmt::format("no run of {} can be trusted", plain_text(result.name));
}

std::vector<std::string> differences_in_work(const Run& base, const Run& other) {
  std::vector<std::string> differences = setting_differences(base, other);
  std::erase_if(differences, [](const std::string& difference) {
    return !difference.starts_with("target:") && !difference.starts_with("model SHA-256:") &&
           !difference.starts_with("input SHA-256:");
  });
  return differences;
}

/// Nothing for a single result.
std::optional<Decision> decide(const std::vector<PricedResult>& results, const CostOptions& options) {
  if (results.size() != 2) return std::nullopt;
  require_one_currency(results);
  require_one_unit(results);
  Decision decision{fastest(results[0].result), fastest(results[1].result), {}, {}, ""};
  if (decision.base == nullptr || decision.other == nullptr) {
    decision.left_out = lack_of(results[decision.base == nullptr ? 0 : 1]);
    return decision;
  }
  const auto machines = [&](const PricedResult& result, const Run& run) {
    return Machines{result.price.per_hour(options.hours_per_month), items_per_second(run) * options.utilisation};
  };
  decision.loads = break_even(machines(results[0], *decision.base), machines(results[1], *decision.other));
  decision.differences = differences_in_work(*decision.base, *decision.other);
  return decision;
}

/// "1373 inferences/s (3.61 G inferences a month)".
std::string load_text(double rate, const char* items, const CostOptions& options) {
  return fmt::format("{} {}/s ({} {} a month)", count_text(rate), items,
                     count_text(rate * 3600 * options.hours_per_month), items);
}

std::string loads_text(const std::string& name, const Decision& decision, const CostOptions& options) {
  const auto& [first, always] = decision.loads;
  const char* items = items_name(*decision.other);
  if (!first) return fmt::format("{} pays at no load\n", name);
  if (always && *always == 0) return fmt::format("{} pays at every load\n", name);
  std::string text = *first == 0 ? fmt::format("{} pays at the smallest loads", name)
                                 : fmt::format("{} pays from {} on", name, load_text(*first, items, options));
  if (!always) return text + ", but not at every load above\n";
  if (*always > *first) text += fmt::format(", and never costs more from {} on", load_text(*always, items, options));
  return text + "\n";
}

std::string decision_text(const std::vector<PricedResult>& results, const Decision& decision,
                          const CostOptions& options) {
  const std::string name = plain_text(results[1].name);
  if (!decision.left_out.empty()) return fmt::format("\nfrom which load on {} pays: {}\n", name, decision.left_out);
  std::string text = fmt::format("\n{} ('{}', {}) against {} ('{}', {}), whole machines:\n  ", name,
                                 plain_text(label_of(*decision.other)), rate_text(items_per_second(*decision.other)),
                                 plain_text(results[0].name), plain_text(label_of(*decision.base)),
                                 rate_text(items_per_second(*decision.base)));
  text += loads_text(name, decision, options);
  for (const std::string& difference : decision.differences) {
    text += fmt::format("  warning: the two differ in {}\n", plain_text(difference));
  }
  return text;
}

Json to_object(const Decision& decision) {
  if (!decision.left_out.empty()) return {{"left_out", decision.left_out}};
  const auto load = [](const std::optional<double>& rate) { return rate ? Json(*rate) : Json(); };
  return {{"base", label_of(*decision.base)},
          {"new", label_of(*decision.other)},
          {"items", items_name(*decision.other)},
          {"pays_from_items_per_s", load(decision.loads.first)},
          {"never_costs_more_from_items_per_s", load(decision.loads.always)},
          {"differs_in", decision.differences}};
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
                    {"items", items_name(run)},
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
  if (decision) json["break_even"] = to_object(*decision);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace vivace::bench
