#include "bench/compare_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "bench/text_table.hpp"
#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

using Json = nlohmann::ordered_json;

/// Of the columns figure, base, new, ratio, verdict.
const std::vector<bool> kIsNumber{false, true, true, false, false};

constexpr const char* kLatencyVerdicts[] = {"faster", "slower"};
constexpr const char* kMemoryVerdicts[] = {"less", "more"};

std::string verdict_text(const MetricComparison& comparison) {
  const auto& words = comparison.metric.kind == Metric::Kind::memory ? kMemoryVerdicts : kLatencyVerdicts;
  switch (comparison.verdict) {
    case Verdict::better: return words[0];
    case Verdict::worse: return words[1];
    case Verdict::no_difference: return "no difference";
    case Verdict::untested: return "not tested: " + comparison.remark;
  }
  return "";
}

/// The digits behind the point that show an interval of some width.
int digits_of_width(double width) { return width < 0.002 ? 4 : width < 0.02 ? 3 : 2; }

/// Two digits behind the point, more where the interval is narrow, or where it begins or ends so close to 1 that its
/// end would be written as 1 although 1 is outside.
int ratio_digits(const MetricComparison& comparison) {
  constexpr int kMostDigits = 9;
  if (!comparison.interval) return 2;
  const auto& [low, high] = *comparison.interval;
  int digits = digits_of_width(high - low);
  if (low <= 1 && high >= 1) return digits;
  const double nearest = low > 1 ? low : high;
  while (digits < kMostDigits && std::abs(nearest - 1) <= 0.5 * std::pow(10, -digits)) ++digits;
  return digits;
}

std::string ratio_text(const MetricComparison& comparison) {
  if (!(comparison.base > 0)) return "";
  const int digits = ratio_digits(comparison);
  std::string text = fmt::format("{:.{}f}", comparison.ratio, digits);
  if (comparison.interval) {
    text += fmt::format(" ({:.{}f}–{:.{}f})", comparison.interval->low, digits, comparison.interval->high, digits);
  }
  return text;
}

std::vector<TableRow> cost_rows(const RunComparison& run, const PricedComparison& priced) {
  if (!priced.price) return {};
  const auto base = named_costs(cost_of(*run.base, *priced.price, priced.cost));
  const auto other = named_costs(cost_of(*run.other, *priced.price, priced.cost));
  std::vector<TableRow> rows;
  for (const auto& [name, before] : base) {
    const auto found =
        std::find_if(other.begin(), other.end(), [&name = name](const auto& cost) { return cost.first == name; });
    if (found == other.end()) continue;
    rows.push_back({name, priced.price->money(before), priced.price->money(found->second),
                    fmt::format("{:.2f}", found->second / before), ""});
  }
  return rows;
}

std::vector<TableRow> rows_of(const RunComparison& run, const PricedComparison& priced) {
  std::vector<TableRow> rows{{"", "base", "new", "new / base", ""}};
  for (const MetricComparison& comparison : run.metrics) {
    rows.push_back({metric_label(comparison.metric), metric_text(comparison.metric, comparison.base),
                    metric_text(comparison.metric, comparison.other), ratio_text(comparison),
                    verdict_text(comparison)});
  }
  const std::vector<TableRow> costs = cost_rows(run, priced);
  rows.insert(rows.end(), costs.begin(), costs.end());
  return rows;
}

/// The name of a pair of runs, what was measured where that is not in it, and whether they were made in turn.
std::string heading_of(const RunComparison& run) {
  const bool has_target = run.name.find(run.other->target) != std::string::npos;
  return run.name + (has_target ? "" : ": " + run.other->target) + (run.in_turn ? " (in turn)" : "");
}

std::string title_of(const Comparison& comparison) {
  if (comparison.base_name == comparison.other_name) return comparison.base_name;
  return comparison.base_name + " → " + comparison.other_name;
}

/// The last line: what the intervals and the costs stand for.
std::string explanation(const PricedComparison& priced) {
  std::string text = fmt::format("All intervals hold together with {:.0f} %.", 100 * kComparisonConfidence);
  if (priced.price) {
    const double per_hour = priced.price->per_hour(priced.cost.hours_per_month);
    text += fmt::format(" Costs at {} an hour, {:.0f} % of the time in use.", priced.price->money(per_hour),
                        100 * priced.cost.utilisation);
  }
  return text + "\n";
}

Json to_object(const MetricComparison& comparison) {
  Json object{{"metric", comparison.metric.name},
              {"base", comparison.base},
              {"new", comparison.other},
              {"ratio", comparison.base > 0 ? Json(comparison.ratio) : Json()},
              {"low", nullptr},
              {"high", nullptr}};
  if (comparison.interval) {
    object["low"] = comparison.interval->low;
    object["high"] = comparison.interval->high;
  }
  constexpr const char* kVerdicts[] = {"better", "worse", "no difference", "not tested"};
  object["verdict"] = kVerdicts[static_cast<std::size_t>(comparison.verdict)];
  object["remark"] = comparison.remark;
  return object;
}

Json costs_of(const RunComparison& run, const PricedComparison& priced) {
  Json costs = Json::array();
  if (!priced.price) return costs;
  for (const Run* side : {run.base, run.other}) {
    Json object = Json::object();
    for (const auto& [name, value] : named_costs(cost_of(*side, *priced.price, priced.cost))) object[name] = value;
    costs.push_back(std::move(object));
  }
  return costs;
}

Json to_object(const RunComparison& run, const PricedComparison& priced) {
  Json metrics = Json::array();
  for (const MetricComparison& comparison : run.metrics) metrics.push_back(to_object(comparison));
  Json object{{"name", run.name}, {"warnings", run.warnings}, {"metrics", std::move(metrics)}};
  if (priced.price) object["costs"] = costs_of(run, priced);
  return object;
}

/// Whether a rule could not be held against anything, so that it neither fails nor holds.
bool was_untestable(const MetricComparison& comparison) {
  return !comparison.is_comparable || (comparison.metric.has_samples() && !comparison.interval);
}

std::string finding_text(const FailRule& rule, const RunComparison& run, RuleOutcome outcome) {
  const MetricComparison& comparison = *find_metric(run, rule.metric);
  const std::string name = plain_text(run.name);
  const bool is_open = outcome == RuleOutcome::doubtful || !comparison.is_comparable;
  if (is_open && was_untestable(comparison)) {
    return fmt::format("{}: '{}' could not be tested: {}", name, rule.text, comparison.remark);
  }
  const std::string ratio = comparison.base > 0 ? ratio_text(comparison) : "an unknown number of";
  return fmt::format("{}: {} is {} times the old one, '{}' {}", name, rule.metric.name, ratio, rule.text,
                     outcome == RuleOutcome::fails ? "fails" : "is in doubt");
}

void check_rule(const FailRule& rule, const RunComparison& run, bool strict, std::vector<RuleFinding>& findings) {
  const MetricComparison* comparison = find_metric(run, rule.metric);
  const RuleOutcome outcome = check(rule, *comparison, strict);
  if (outcome == RuleOutcome::holds) return;
  findings.push_back({outcome, finding_text(rule, run, outcome)});
}

}  // namespace

std::vector<RuleFinding> check_rules(const std::vector<FailRule>& rules, const std::vector<Comparison>& comparisons,
                                     bool strict) {
  std::vector<RuleFinding> findings;
  for (const Comparison& comparison : comparisons) {
    for (const std::string& lost : comparison.lost) {
      if (!rules.empty()) findings.push_back({RuleOutcome::fails, lost + ", so that no rule can hold"});
    }
  }
  for (const FailRule& rule : rules) {
    bool was_checked = false;
    for (const Comparison& comparison : comparisons) {
      for (const RunComparison& run : comparison.runs) {
        if (find_metric(run, rule.metric) == nullptr) continue;
        was_checked = true;
        check_rule(rule, run, strict, findings);
      }
    }
    if (!was_checked) {
      throw Error(ErrorCode::invalid_argument,
                  fmt::format("--fail-if '{}': no pair of runs has this metric", rule.text));
    }
  }
  return findings;
}

std::string to_text(const std::vector<Comparison>& comparisons, const PricedComparison& priced) {
  std::string text;
  for (const Comparison& comparison : comparisons) {
    text += plain_text(title_of(comparison)) + "\n";
    for (const std::string& warning : comparison.warnings) text += fmt::format("  warning: {}\n", plain_text(warning));
    for (const RunComparison& run : comparison.runs) {
      text += fmt::format("\n{}\n", plain_text(heading_of(run)));
      for (const std::string& warning : run.warnings) text += fmt::format("  warning: {}\n", plain_text(warning));
      text += text_table(rows_of(run, priced), kIsNumber);
    }
    text += "\n";
  }
  return text + explanation(priced);
}

std::string to_markdown(const std::vector<Comparison>& comparisons, const PricedComparison& priced,
                        const std::vector<RuleFinding>& findings) {
  std::string text;
  for (const Comparison& comparison : comparisons) {
    text += fmt::format("## {}\n\n", markdown_text(title_of(comparison)));
    for (const std::string& warning : comparison.warnings) text += fmt::format("- ⚠️ {}\n", markdown_text(warning));
    if (!comparison.warnings.empty()) text += "\n";
    for (const RunComparison& run : comparison.runs) {
      text += fmt::format("### {}\n\n", markdown_text(heading_of(run)));
      for (const std::string& warning : run.warnings) text += fmt::format("- ⚠️ {}\n", markdown_text(warning));
      if (!run.warnings.empty()) text += "\n";
      text += markdown_table(rows_of(run, priced), kIsNumber) + "\n";
    }
  }
  for (const RuleFinding& finding : findings) {
    text +=
        fmt::format("- {} {}\n", finding.outcome == RuleOutcome::fails ? "❌" : "⚠️", markdown_text(finding.text));
  }
  if (!findings.empty()) text += "\n";
  return text + explanation(priced);
}

std::string to_json(const std::vector<Comparison>& comparisons, const PricedComparison& priced,
                    const std::vector<RuleFinding>& findings) {
  Json list = Json::array();
  for (const Comparison& comparison : comparisons) {
    Json runs = Json::array();
    for (const RunComparison& run : comparison.runs) runs.push_back(to_object(run, priced));
    list.push_back({{"base", comparison.base_name},
                    {"new", comparison.other_name},
                    {"warnings", comparison.warnings},
                    {"runs", std::move(runs)}});
  }
  Json rules = Json::array();
  for (const RuleFinding& finding : findings) {
    rules.push_back(
        {{"outcome", finding.outcome == RuleOutcome::fails ? "fails" : "doubtful"}, {"text", finding.text}});
  }
  const Json json{{"confidence", kComparisonConfidence}, {"comparisons", std::move(list)}, {"rules", std::move(rules)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace vivace::bench
