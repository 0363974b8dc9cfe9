#include "bench/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "bench/judgement.hpp"
#include "bench/match.hpp"
#include "bench/metric.hpp"
#include "bench/report_charts.hpp"
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
      if (!run.problems.empty()) name += " ⚠";
      const int count = ++seen[name];
      runs.push_back({count > 1 ? fmt::format("{} ({})", name, count) : std::move(name), &run});
    }
  }
  return runs;
}

double rate_of(const ReportRun& run) { return items_per_second(*run.run); }

std::string fact(const std::string& value, const std::string& name) {
  return fmt::format("<li><b>{}</b><span>{}</span></li>\n", html_text(value), html_text(name));
}

/// The lowest of a percentile; empty where no run has enough requests to tell it.
std::string lowest_fact(const std::vector<ReportRun>& runs, const Metric& metric) {
  const ReportRun* best = nullptr;
  for (const ReportRun& run : runs) {
    if (!reaches_percentile(run.run->samples.size(), metric.share)) continue;
    if (best == nullptr || value_of(metric, *run.run) < value_of(metric, *best->run)) best = &run;
  }
  if (best == nullptr) return "";
  return fact(duration_text(value_of(metric, *best->run)), fmt::format("lowest {}: {}", metric.name, best->name));
}

/// The best of the runs that can be trusted, with its name.
std::string facts_html(const std::vector<ReportRun>& runs) {
  std::vector<ReportRun> trusted;
  std::copy_if(runs.begin(), runs.end(), std::back_inserter(trusted),
               [](const ReportRun& run) { return run.run->problems.empty() && rate_of(run) > 0; });
  std::string html = "<ul class=\"facts\">\n";
  html += fact(fmt::format("{}", runs.size()), runs.size() == 1 ? "run" : "runs");
  if (!trusted.empty()) {
    const auto by_rate = [](const ReportRun& a, const ReportRun& b) { return rate_of(a) < rate_of(b); };
    const ReportRun& fastest = *std::max_element(trusted.begin(), trusted.end(), by_rate);
    html += fact(rate_text(rate_of(fastest)), "highest throughput: " + fastest.name);
    for (const char* name : {"p50", "p99"}) {
      html += lowest_fact(trusted, metric_named(name));
    }
  }
  const auto untrusted = static_cast<std::size_t>(
      std::count_if(runs.begin(), runs.end(), [](const ReportRun& run) { return !run.run->problems.empty(); }));
  if (untrusted > 0) html += fact(fmt::format("{}", untrusted), "not to be trusted");
  return html + "</ul>\n";
}

/// A list of what is said of runs; empty where nothing is.
std::string remarks_html(const std::vector<ReportRun>& runs, const char* css, const char* title,
                         const std::vector<std::string> Run::*remarks) {
  std::string items;
  for (const ReportRun& run : runs) {
    for (const std::string& remark : run.run->*remarks) {
      items += fmt::format("<li><b>{}</b>: {}</li>\n", html_text(run.name), html_text(remark));
    }
  }
  if (items.empty()) return "";
  return fmt::format("<section class=\"{}\">\n<h2>{}</h2>\n<ul>\n{}</ul>\n</section>\n", css, title, items);
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

std::string text_or_dash(const std::string& text) { return text.empty() ? "–" : text; }

std::string time_or_dash(double seconds) { return seconds > 0 ? duration_text(seconds) : "–"; }

/// "5.40 ms (5.38 ms – 5.42 ms)"; a dash where there are too few samples to tell.
std::string percentile_text(const TimeSummary& times, std::size_t share) {
  const std::optional<Estimate>& estimate = times.percentiles[share];
  if (!estimate) return "–";
  return fmt::format("{} ({} – {})", duration_text(estimate->value), duration_text(estimate->low),
                     duration_text(estimate->high));
}

std::vector<std::string> speed_of(const ReportRun& named) {
  constexpr std::size_t kP50 = 0;
  constexpr std::size_t kP99 = 3;
  const RunSummary summary = summarize(*named.run);
  std::vector<std::string> cells{named.name, fmt::format("{}", summary.requests), fmt::format("{}", summary.failed),
                                 rate_text(summary.items_per_s)};
  for (const TimeSummary* times : {&summary.response, &summary.service}) {
    cells.push_back(time_or_dash(times->mean));
    for (const std::size_t share : {kP50, kP99}) cells.push_back(percentile_text(*times, share));
  }
  for (const std::size_t share : {kP50, kP99}) {
    const std::optional<Estimate>& lag = summary.lag.percentiles[share];
    cells.push_back(is_open(named.run->load) && lag ? duration_text(lag->value) : "–");
  }
  return cells;
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

std::string figures_html(const std::vector<ReportRun>& runs) {
  Table speeds;
  Table resources;
  for (const ReportRun& run : runs) {
    speeds.push_back(speed_of(run));
    resources.push_back(resources_of(run));
  }
  const std::string note = fmt::format(
      "<p class=\"soft\">Percentiles with their intervals of {:g} %; a dash stands where fewer than ten requests are "
      "slower. Send lag: how much later requests of an open load were sent than they were meant to be.</p>\n",
      100 * kConfidence);
  return section_html("Speed", note + html_table({"run", "requests", "failed", "throughput", "response mean", "p50",
                                                  "p99", "service mean", "p50", "p99", "send lag p50", "p99"},
                                                 speeds, true)) +
         section_html("Begin and resources", html_table({"run", "model load", "first request", "warm-up", "measured",
                                                         "cores busy", "peak memory", "real time"},
                                                        resources, true));
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

std::string title_of(const std::vector<NamedResult>& results) {
  const Run* first = nullptr;
  for (const NamedResult& result : results) {
    if (first == nullptr && !result.result.runs.empty()) first = &result.result.runs.front();
  }
  return "Measurements of " + (first->target.empty() ? results.front().name : first->target);
}

}  // namespace

std::string to_html(const std::vector<NamedResult>& results, const ReportOptions& options) {
  const std::vector<ReportRun> runs = named_runs(results);
  if (runs.empty()) throw Error(ErrorCode::invalid_argument, results.front().name, "there is no run to report");
  const std::string title = html_text(title_of(results));
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src "
      "data:\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n"
      "<h1>{}</h1>\n<p class=\"soft\">{}</p>\n",
      title, page::kStyle, title, html_text(subtitle(results)));
  html += facts_html(runs);
  html += remarks_html(runs, "problems", "⚠ Not to be trusted", &Run::problems);
  html += remarks_html(runs, "notes", "Notes", &Run::notes);
  html += to_html(latency_distribution(runs));
  html += to_html(percentiles_by_run(runs));
  html += to_html(throughput_over_load(runs));
  html += to_html(stages_by_run(runs));
  html += to_html(latency_over_time(runs));
  html += costs_html(runs, options) + figures_html(runs) + found_html(runs) + settings_html(runs);
  html += environment_html(results);
  return html + "</main>\n</body>\n</html>\n";
}

}  // namespace vivace::bench
