#include "bench/report_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "bench/metric.hpp"
#include "bench/percentile.hpp"
#include "bench/wording.hpp"
#include "page/html.hpp"

namespace vivace::bench {
namespace {

using page::html_text;

constexpr std::size_t kMostNamedTargets = 3;

double rate_of(const ReportRun& run) { return items_per_second(*run.run); }

std::string fact(const std::string& value, const std::string& name) {
  return fmt::format("<li><b>{}</b><span>{}</span></li>\n", html_text(value), html_text(name));
}

std::string count_fact(const std::vector<ReportRun>& runs, bool (*counts)(const Run&), const char* name) {
  const auto count = std::count_if(runs.begin(), runs.end(), [&](const ReportRun& run) { return counts(*run.run); });
  return count == 0 ? "" : fact(fmt::format("{}", count), name);
}

bool was_not_measured(const Run& run) { return run.samples.empty(); }

bool is_untrusted(const Run& run) { return !run.samples.empty() && !run.problems.empty(); }

/// The lowest of a percentile; empty where no run has enough requests to tell it.
std::string lowest_fact(const std::vector<ReportRun>& runs, const Metric& metric, const std::string& of_target) {
  const ReportRun* best = nullptr;
  for (const ReportRun& run : runs) {
    if (!reaches_percentile(run.run->samples.size(), metric.share)) continue;
    if (best == nullptr || value_of(metric, *run.run) < value_of(metric, *best->run)) best = &run;
  }
  if (best == nullptr) return "";
  return fact(duration_text(value_of(metric, *best->run)),
              fmt::format("lowest {}{}: {}", metric.name, of_target, best->name));
}

/// The best of runs of one target, with its name.
std::string best_facts(const std::vector<ReportRun>& runs, const std::string& of_target) {
  if (runs.empty()) return "";
  const auto by_rate = [](const ReportRun& a, const ReportRun& b) { return rate_of(a) < rate_of(b); };
  const ReportRun& fastest = *std::max_element(runs.begin(), runs.end(), by_rate);
  std::string html = fact(rate_text(rate_of(fastest)), fmt::format("highest throughput in {}{}: {}",
                                                                   items_name(*fastest.run), of_target, fastest.name));
  for (const char* name : {"p50", "p99"}) html += lowest_fact(runs, metric_named(name), of_target);
  return html;
}

std::vector<ReportRun> trusted_runs(const std::vector<ReportRun>& runs, const std::string& target) {
  std::vector<ReportRun> trusted;
  std::copy_if(runs.begin(), runs.end(), std::back_inserter(trusted), [&](const ReportRun& run) {
    return run.run->target == target && run.run->problems.empty() && rate_of(run) > 0;
  });
  return trusted;
}

/// In the order in which they come.
std::vector<std::string> targets_of(const std::vector<ReportRun>& runs) {
  std::vector<std::string> targets;
  for (const ReportRun& run : runs) {
    if (std::find(targets.begin(), targets.end(), run.run->target) == targets.end()) targets.push_back(run.run->target);
  }
  return targets;
}

}  // namespace

std::string facts_html(const std::vector<ReportRun>& runs) {
  const std::vector<std::string> targets = targets_of(runs);
  std::string html = "<ul class=\"facts\">\n" + fact(fmt::format("{}", runs.size()), runs.size() == 1 ? "run" : "runs");
  html += count_fact(runs, was_not_measured, "not measured") + count_fact(runs, is_untrusted, "not to be trusted");
  if (targets.size() <= kMostNamedTargets) {
    for (const std::string& target : targets) {
      html += best_facts(trusted_runs(runs, target), targets.size() > 1 ? " of " + target : "");
    }
  }
  return html + "</ul>\n";
}

std::string targets_text(const std::vector<ReportRun>& runs) {
  const std::vector<std::string> targets = targets_of(runs);
  if (targets.size() > kMostNamedTargets) return fmt::format("{} targets", targets.size());
  std::string text;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const bool is_last = i + 1 == targets.size();
    text += (i == 0 ? "" : is_last ? " and " : ", ") + targets[i];
  }
  return text;
}

}  // namespace vivace::bench
