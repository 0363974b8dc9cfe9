#include "bench/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "bench/judgement.hpp"
#include "bench/match.hpp"
#include "bench/metric.hpp"
#include "bench/report_charts.hpp"
#include "bench/report_facts.hpp"
#include "bench/report_remarks.hpp"
#include "bench/run_summary.hpp"
#include "bench/wording.hpp"
#include "page/html.hpp"
#include "page/style.hpp"
#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

using page::html_table;
using page::html_text;

using Table = std::vector<std::vector<std::string>>;

/// Names of all runs, with the result's name where there are several, a sign where a run is not to be trusted, and a
/// number where that is not enough.
std::vector<ReportRun> named_runs(const std::vector<NamedResult>& results) {
  std::vector<ReportRun> runs;
  std::map<std::string, int> seen;
  for (const NamedResult& result : results) {
    for (const Run& run : result.result.runs) {
      std::string name = results.size() > 1 ? result.name + ": " + label_of(run) : label_of(run);
      if (!run.problems.empty() && !run.samples.empty()) name += " ⚠";
      const int count = ++seen[name];
      runs.push_back({count > 1 ? fmt::format("{} ({})", name, count) : std::move(name), &run});
    }
  }
  return runs;
}

std::vector<ReportRun> measured_runs(const std::vector<ReportRun>& runs) {
  std::vector<ReportRun> measured;
  std::copy_if(runs.begin(), runs.end(), std::back_inserter(measured),
               [](const ReportRun& run) { return !run.run->samples.empty(); });
  return measured;
}

std::string section_html(const char* title, const std::string& content, const char* css = "") {
  return fmt::format("<section class=\"{}\">\n<h2>{}</h2>\n{}</section>\n", css, title, content);
}

std::string load_text(const LoadDescription& load) {
  std::string text = load.kind;
  if (load.concurrency > 0) text += fmt::format(", {} caller{}", load.concurrency, load.concurrency == 1 ? "" : "s");
  if (load.rate_hz > 0) text += fmt::format(", {:g}/s", load.rate_hz);
  if (load.streams > 0) text += fmt::format(", {} streams", load.streams);
  if (load.frame_rate_hz > 0) text += fmt::format(" of {:g} frames/s", load.frame_rate_hz);
  if (load.latency_bound_s > 0) text += ", bound " + duration_text(load.latency_bound_s);
  return text;
}

std::string settings_text(const Run& run) {
  std::string text;
  for (const auto& [name, value] : run.settings) text += (text.empty() ? "" : ", ") + name + " " + value;
  return text;
}

void replace_all(std::string& text, std::string_view old, std::string_view replacement) {
  for (std::size_t at = text.find(old); at != std::string::npos; at = text.find(old, at + replacement.size())) {
    text.replace(at, old.size(), replacement);
  }
}

/// A figure that a narrow column breaks before its bracket at most: "5.40 ms (5.38–5.42)".
std::string unbroken(const std::string& figure) {
  constexpr std::string_view kNoBreakSpace = "\u00a0";
  constexpr std::string_view kDashWithoutBreak = "–\u2060";
  const std::size_t bracket = std::min(figure.find(" ("), figure.size());
  std::string before = figure.substr(0, bracket);
  std::string behind = figure.substr(bracket);
  replace_all(before, " ", kNoBreakSpace);
  replace_all(behind, "–", kDashWithoutBreak);
  return before + behind;
}

std::string text_or_dash(const std::string& text) { return text.empty() ? "–" : text; }

std::string time_or_dash(double seconds) { return seconds > 0 ? duration_text(seconds) : "–"; }

/// "5.40 ms (5.38–5.42)"; a dash where there are too few samples to tell.
std::string percentile_text(const TimeSummary& times, std::size_t share) {
  const std::optional<Estimate>& estimate = times.percentiles[share];
  return estimate ? duration_text(estimate->value, estimate->low, estimate->high) : "–";
}

constexpr std::size_t kP50 = 0;
constexpr std::size_t kP99 = 3;

void add_times(std::vector<std::string>& cells, const TimeSummary& times) {
  cells.push_back(time_or_dash(times.mean));
  for (const std::size_t share : {kP50, kP99}) cells.push_back(percentile_text(times, share));
}

std::vector<std::string> speed_of(const ReportRun& named, bool with_lag) {
  const RunSummary summary = summarize(*named.run);
  std::vector<std::string> cells{named.name, fmt::format("{}", summary.requests), fmt::format("{}", summary.failed),
                                 rate_text(summary.items_per_s)};
  add_times(cells, summary.response);
  if (!with_lag) return cells;
  add_times(cells, summary.service);
  for (const std::size_t share : {kP50, kP99}) {
    const std::optional<Estimate>& lag = summary.lag.percentiles[share];
    cells.push_back(is_open(named.run->load) && lag ? duration_text(lag->value) : "–");
  }
  return cells;
}

/// Service time and send lag are left out where no run has any lag.
std::string speed_html(const std::vector<ReportRun>& runs) {
  const bool with_lag = std::any_of(runs.begin(), runs.end(), [](const ReportRun& run) { return has_lag(*run.run); });
  std::vector<std::string> head{"run", "requests", "failed", "items a second", "response mean", "p50", "p99"};
  if (with_lag) head.insert(head.end(), {"service mean", "p50", "p99", "send lag p50", "p99"});
  Table rows;
  for (const ReportRun& run : runs) {
    std::vector<std::string> cells = speed_of(run, with_lag);
    std::transform(cells.begin() + 1, cells.end(), cells.begin() + 1, unbroken);
    rows.push_back(std::move(cells));
  }
  const std::string note = fmt::format(
      "<p class=\"soft\">Items are rows of a model, of pipelines tracks. Percentiles with their intervals of {:g} %; a "
      "dash stands where fewer than ten requests are slower.{}</p>\n",
      100 * kConfidence,
      with_lag ? " Send lag: how much later requests of an open load were sent than they were meant to be." : "");
  return section_html("Speed", note + html_table(head, rows, true), "fit");
}

std::vector<std::string> resources_of(const ReportRun& named) {
  const Run& run = *named.run;
  const bool was_measured = run.duration_s > 0;
  return {named.name,
          time_or_dash(run.load_model_s),
          time_or_dash(run.first_s),
          time_or_dash(run.warm_up_s),
          time_or_dash(run.duration_s),
          was_measured ? fmt::format("{:.2f}", run.cpu_s / run.duration_s) : "–",
          run.peak_resident_bytes > 0 ? bytes_text(static_cast<double>(run.peak_resident_bytes)) : "–",
          run.audio_s > 0 && was_measured ? fmt::format("{:.1f} ×", run.audio_s / run.duration_s) : "–"};
}

std::string resources_html(const std::vector<ReportRun>& runs) {
  Table rows;
  for (const ReportRun& run : runs) rows.push_back(resources_of(run));
  return section_html("Begin and resources", html_table({"run", "model load", "first request", "warm-up", "measured",
                                                         "cores busy", "peak memory", "real time"},
                                                        rows, true));
}

std::string settings_html(const std::vector<ReportRun>& runs) {
  Table rows;
  for (const ReportRun& run : runs) {
    rows.push_back({run.name, run.run->target, load_text(run.run->load), settings_text(*run.run),
                    text_or_dash(run.run->model_sha256), text_or_dash(run.run->input_sha256)});
  }
  const std::vector<std::string> head{"run", "target", "load", "settings", "model SHA-256", "input SHA-256"};
  return section_html("What was run", html_table(head, rows, false), "text");
}

std::string found_html(const std::vector<ReportRun>& runs) {
  Table rows;
  for (const ReportRun& run : runs) {
    for (const auto& [name, value] : run.run->found) rows.push_back({run.name, found_text(name, value)});
  }
  return rows.empty() ? "" : section_html("What was asked for", html_table({"run", "figure"}, rows, false));
}

std::string costs_html(const std::vector<ReportRun>& runs, const ReportOptions& options) {
  if (!options.price) return "";
  const double per_hour = options.price->per_hour(options.cost.hours_per_month);
  Table rows;
  for (const ReportRun& run : runs) {
    const RunCost cost = cost_of(*run.run, *options.price, options.cost);
    for (const auto& [name, value] : named_costs(cost)) {
      rows.push_back({run.name, name + (cost.is_of_offered_rate ? ", at the rate that was offered" : ""),
                      options.price->money(value)});
    }
  }
  return section_html(
      "Cost", fmt::format("<p class=\"soft\">{} an hour, {} a month of {:g} hours, {:g} % of the time in use.</p>\n",
                          html_text(options.price->money(per_hour)),
                          html_text(options.price->money(per_hour * options.cost.hours_per_month)),
                          options.cost.hours_per_month, 100 * options.cost.utilisation) +
                  html_table({"run", "figure", "cost"}, rows, false));
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, " ")); }

std::string libraries_text(const Environment& environment) {
  std::vector<std::string> texts;
  for (const auto& [name, version] : environment.libraries) texts.push_back(name + " " + version);
  return fmt::format("{}", fmt::join(texts, ", "));
}

/// One column a result.
std::string environment_html(const std::vector<NamedResult>& results) {
  std::vector<std::string> head{""};
  Table rows{{"time"},   {"host"},   {"cpu"},    {"instruction sets"}, {"cores"},     {"governor"},
             {"memory"}, {"kernel"}, {"vivace"}, {"revision"},         {"libraries"}, {"command"}};
  for (const NamedResult& result : results) {
    const Environment& environment = result.result.environment;
    head.push_back(result.name);
    const std::string values[] = {environment.time,
                                  environment.host,
                                  environment.cpu,
                                  joined(environment.instruction_sets),
                                  fmt::format("{}", environment.cores),
                                  environment.governor,
                                  bytes_text(static_cast<double>(environment.memory_bytes)),
                                  environment.kernel,
                                  environment.vivace_version,
                                  environment.git_revision,
                                  libraries_text(environment),
                                  joined(environment.command)};
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].push_back(text_or_dash(values[i]));
  }
  return section_html("Environment", html_table(head, rows, false), "text");
}

std::string subtitle(const std::vector<NamedResult>& results) {
  const Environment& environment = results.front().result.environment;
  std::vector<std::string> parts;
  for (const std::string& part : {environment.cpu, fmt::format("{} cores", environment.cores),
                                  "vivace " + environment.vivace_version, environment.time}) {
    if (!part.empty()) parts.push_back(part);
  }
  return fmt::format("{}", fmt::join(parts, " · "));
}

std::string title_of(const std::vector<NamedResult>& results, const std::vector<ReportRun>& runs) {
  const std::string targets = targets_text(runs);
  return "Measurements of " + (targets.empty() ? results.front().name : targets);
}

}  // namespace

std::string to_html(const std::vector<NamedResult>& results, const ReportOptions& options) {
  const std::vector<ReportRun> runs = named_runs(results);
  if (runs.empty()) throw Error(ErrorCode::invalid_argument, results.front().name, "there is no run to report");
  const std::string title = html_text(title_of(results, runs));
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src "
      "data:\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n"
      "<h1>{}</h1>\n<p class=\"soft\">{}</p>\n",
      title, page::kStyle, title, html_text(subtitle(results)));
  html += facts_html(runs) + remarks_html(runs);
  const std::vector<ReportRun> answered = answered_runs(runs);
  html += to_html(latency_distribution(answered));
  html += to_html(percentiles_by_run(answered));
  html += to_html(throughput_over_load(answered));
  html += to_html(stages_by_run(answered));
  html += to_html(latency_over_time(answered));
  const std::vector<ReportRun> measured = measured_runs(runs);
  if (!measured.empty()) {
    html += costs_html(measured, options) + speed_html(measured) + resources_html(measured);
    html += found_html(measured) + settings_html(measured);
  }
  html += environment_html(results);
  return html + "</main>\n</body>\n</html>\n";
}

}  // namespace vivace::bench
