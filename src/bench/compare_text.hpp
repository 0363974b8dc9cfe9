#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/compare.hpp"
#include "bench/cost.hpp"
#include "bench/fail_rule.hpp"

namespace vivace::bench {

/// What a machine costs, where costs are to be shown.
struct PricedComparison {
  std::optional<Price> price;
  CostOptions cost;
};

/// A rule and a metric that does not hold it for sure.
struct RuleFinding {
  RuleOutcome outcome = RuleOutcome::holds;
  std::string text;  ///< "c=4: p99 is 1.12 (1.08–1.16) times the old one, 'p99>1.05' fails"
};

/// What `rules` find in comparisons, without what holds; a run of the base that was measured and has no measured
/// partner breaks them all. Throws Error(invalid_argument) where no run has the metric.
std::vector<RuleFinding> check_rules(const std::vector<FailRule>& rules, const std::vector<Comparison>& comparisons,
                                     bool strict);

/// Tables for people: on a terminal, and in Markdown.
std::string to_text(const std::vector<Comparison>& comparisons, const PricedComparison& priced);
std::string to_markdown(const std::vector<Comparison>& comparisons, const PricedComparison& priced,
                        const std::vector<RuleFinding>& findings);

/// One JSON object, ended by a line end.
std::string to_json(const std::vector<Comparison>& comparisons, const PricedComparison& priced,
                    const std::vector<RuleFinding>& findings);

}  // namespace vivace::bench
