#include "bench/fail_rule.hpp"

#include <charconv>
#include <cmath>

#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

double parse_bound(std::string_view text, std::string_view rule) {
  double bound = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bound);
  if (error == std::errc() && end == text.data() + text.size() && std::isfinite(bound) && bound > 0) return bound;
  throw Error(ErrorCode::invalid_argument,
              "'" + std::string(rule) + "': the bound on the ratio must be a number above 0, as in 'p99>1.05'");
}

bool is_beyond(const FailRule& rule, double ratio) { return rule.above ? ratio > rule.bound : ratio < rule.bound; }

}  // namespace

FailRule parse_fail_rule(std::string_view text) {
  const std::size_t sign = text.find_first_of("<>");
  if (sign == std::string_view::npos) {
    throw Error(ErrorCode::invalid_argument,
                "'" + std::string(text) + "' is no rule: it must be a metric, '>' or '<', and a bound: 'p99>1.05'");
  }
  return {metric_named(trimmed(text.substr(0, sign))), text[sign] == '>',
          parse_bound(trimmed(text.substr(sign + 1)), text), std::string(text)};
}

RuleOutcome check(const FailRule& rule, const MetricComparison& comparison, bool strict) {
  if (!comparison.is_comparable) return strict ? RuleOutcome::fails : RuleOutcome::doubtful;
  if (comparison.base <= 0) return RuleOutcome::doubtful;
  if (comparison.other <= 0) return RuleOutcome::fails;  // nothing was answered any more
  const bool ratio_decides = strict || !rule.metric.has_samples();
  if (ratio_decides) return is_beyond(rule, comparison.ratio) ? RuleOutcome::fails : RuleOutcome::holds;
  if (!comparison.interval) return RuleOutcome::doubtful;
  if (!is_beyond(rule, comparison.ratio)) return RuleOutcome::holds;
  const double nearest = rule.above ? comparison.interval->low : comparison.interval->high;
  return is_beyond(rule, nearest) ? RuleOutcome::fails : RuleOutcome::doubtful;
}

}  // namespace vivace::bench
