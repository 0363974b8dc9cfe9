#include "bench/report_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "bench/metric.hpp"
#include "bench/percentile.hpp"
#include "bench/wording.hpp"

namespace vivace::bench {
namespace {

std::string drawn_note(const std::vector<ReportRun>& runs) {
  return runs.size() > kMostLines
             ? fmt::format(" Lines of the first {} of {} runs; the table has all.", kMostLines, runs.size())
             : "";
}

/// Shares of a curve: even steps, and finer ones where the slow ones are. The very slowest would squeeze all others.
std::vector<double> curve_shares() {
  std::vector<double> shares;
  for (int i = 0; i < 200; ++i) shares.push_back(i / 200.0);
  for (const double tail : {0.9955, 0.996, 0.997, 0.998, 0.9985, 0.999}) shares.push_back(tail);
  return shares;
}

std::string name_of(const ReportRun& run, CountedFrom clock) {
  return run.name + (clock == CountedFrom::service ? ", service" : "");
}

Series distribution_of(const ReportRun& run, CountedFrom clock, const std::vector<double>& ascending,
                       std::size_t colour) {
  Series series{name_of(run, clock), colour, clock == CountedFrom::service, false, {}};
  for (const double share : curve_shares()) series.points.push_back({nearest_rank(ascending, share), share});
  return series;
}

std::vector<std::string> percentile_row(const std::string& name, const std::vector<double>& ascending) {
  std::vector<std::string> row{name};
  for (const double share : {0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
    const bool is_known = share == 1 || reaches_percentile(ascending.size(), std::max(share, 1 - share));
    row.push_back(is_known ? duration_text(nearest_rank(ascending, share)) : "–");
  }
  return row;
}

/// A stretch of time and the response times of what was answered in it.
struct Window {
  double middle_s = 0;
  std::vector<double> ascending;
};

std::vector<Window> windows_of(const Run& run) {
  constexpr std::size_t kMostWindows = 60;
  constexpr std::size_t kFewestOfWindow = 100;  // so that each reaches its p90
  std::vector<const Sample*> answered;
  for (const Sample& sample : run.samples) {
    if (!sample.failed) answered.push_back(&sample);
  }
  std::sort(answered.begin(), answered.end(), [](auto* a, auto* b) { return a->done_s < b->done_s; });
  const std::size_t count = std::min(kMostWindows, answered.size() / kFewestOfWindow);
  std::vector<Window> windows(count);
  for (std::size_t w = 0; w < count; ++w) {
    const std::size_t begin = w * answered.size() / count;
    const std::size_t end = (w + 1) * answered.size() / count;
    windows[w].middle_s = (answered[begin]->done_s + answered[end - 1]->done_s) / 2;
    for (std::size_t i = begin; i < end; ++i) windows[w].ascending.push_back(answered[i]->response_s());
    std::sort(windows[w].ascending.begin(), windows[w].ascending.end());
  }
  return windows;
}

Series over_time(const std::string& name, const std::vector<Window>& windows, double share, std::size_t colour,
                 bool is_dashed) {
  Series series{name, colour, is_dashed, false, {}};
  for (const Window& window : windows) {
    series.points.push_back({window.middle_s, nearest_rank(window.ascending, share)});
  }
  return series;
}

/// The stages that any run has.
std::vector<std::string> stage_names(const std::vector<ReportRun>& runs) {
  std::map<std::string, double> stages;
  for (const ReportRun& run : runs) stages.insert(run.run->stage_s.begin(), run.run->stage_s.end());
  std::vector<std::string> names;
  for (const auto& [name, ignored] : stages_in_order(stages)) names.push_back(name);
  return names;
}

double stage_of_request(const Run& run, const std::string& stage) {
  const auto found = run.stage_s.find(stage);
  const auto requests = static_cast<double>(run.samples.size());
  return found == run.stage_s.end() || requests == 0 ? 0 : std::max(found->second, 0.0) / requests;
}

}  // namespace

std::vector<ReportRun> answered_runs(const std::vector<ReportRun>& runs) {
  std::vector<ReportRun> answered;
  std::copy_if(runs.begin(), runs.end(), std::back_inserter(answered), [](const ReportRun& run) {
    return std::any_of(run.run->samples.begin(), run.run->samples.end(),
                       [](const Sample& sample) { return !sample.failed; });
  });
  return answered;
}

bool has_lag(const Run& run) {
  return std::any_of(run.samples.begin(), run.samples.end(), [](const Sample& sample) { return sample.lag_s() > 0; });
}

LineChart latency_distribution(const std::vector<ReportRun>& runs) {
  LineChart chart{
      {"Distribution of latency",
       "How many of the requests were answered within a time. Solid: response time, from when a request was "
       "to be sent. Dashed: service time, from when it was sent, where that differs. The slowest thousandth is only in "
       "the table." +
           drawn_note(runs),
       {"run", "p1", "p10", "p50", "p90", "p95", "p99", "p99.9", "most"},
       {}},
      {"time", Unit::seconds, true, false},
      {"requests answered", Unit::percent, false, true},
      {}};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const ReportRun& run = runs[i];
    const auto add = [&](CountedFrom clock) {
      const std::vector<double> ascending = ascending_latencies(*run.run, clock);
      chart.text.rows.push_back(percentile_row(name_of(run, clock), ascending));
      if (i < kMostLines) chart.series.push_back(distribution_of(run, clock, ascending, i));
    };
    add(CountedFrom::response);
    if (has_lag(*run.run)) add(CountedFrom::service);
  }
  return chart;
}

LineChart latency_over_time(const std::vector<ReportRun>& runs) {
  LineChart chart{{"Latency over time",
                   "Response times in stretches with equally many requests. Solid: median. Dashed: p90. Level lines "
                   "mean that the run was stable." +
                       drawn_note(runs),
                   {"run", "first median", "middle median", "last median", "first p90", "middle p90", "last p90"},
                   {}},
                  {"time since the begin of the measurement", Unit::seconds, false, true},
                  {"response time", Unit::seconds, true, false},
                  {}};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const ReportRun& run = runs[i];
    const std::vector<Window> windows = windows_of(*run.run);
    if (windows.size() < 2) continue;
    if (i < kMostLines) {
      chart.series.push_back(over_time(run.name, windows, 0.5, i, false));
      chart.series.push_back(over_time(run.name + ", p90", windows, 0.9, i, true));
    }
    std::vector<std::string> row{run.name};
    for (const double share : {0.5, 0.9}) {
      for (const Window* window : {&windows.front(), &windows[windows.size() / 2], &windows.back()}) {
        row.push_back(duration_text(nearest_rank(window->ascending, share)));
      }
    }
    chart.text.rows.push_back(std::move(row));
  }
  return chart;
}

RowChart percentiles_by_run(const std::vector<ReportRun>& runs) {
  constexpr double kMarked[] = {0.5, 0.9, 0.99, 0.999};
  RowChart chart{
      {"Percentiles of response time",
       "Half of the requests are answered by p50, nine of ten by p90, and so on. A percentile with fewer than "
       "ten slower requests is left out.",
       {"run", "requests", "p50", "p90", "p99", "p99.9"},
       {}},
      {"response time", Unit::seconds, true, false},
      {"p50", "p90", "p99", "p99.9"},
      false,
      {}};
  for (const ReportRun& run : runs) {
    const std::vector<double> ascending = ascending_latencies(*run.run, CountedFrom::response);
    ChartRow row{run.name, {}};
    std::vector<std::string> cells{run.name, fmt::format("{}", ascending.size())};
    for (std::size_t kind = 0; kind < std::size(kMarked); ++kind) {
      const bool is_known = reaches_percentile(ascending.size(), kMarked[kind]);
      if (is_known) row.values.push_back({kind, nearest_rank(ascending, kMarked[kind])});
      cells.push_back(is_known ? duration_text(row.values.back().value) : "–");
    }
    chart.rows.push_back(std::move(row));
    chart.text.rows.push_back(std::move(cells));
  }
  return chart;
}

RowChart stages_by_run(const std::vector<ReportRun>& runs) {
  RowChart chart{
      {"Where the time goes",
       "Seconds in each stage, a request. Stages of requests that run side by side add up to more than the time "
       "that passed.",
       {"run"},
       {}},
      {"time a request", Unit::seconds, false, true},
      stage_names(runs),
      true,
      {}};
  chart.text.table_head.insert(chart.text.table_head.end(), chart.kinds.begin(), chart.kinds.end());
  for (const ReportRun& run : runs) {
    if (run.run->stage_s.empty()) continue;
    ChartRow row{run.name, {}};
    std::vector<std::string> cells{run.name};
    for (std::size_t kind = 0; kind < chart.kinds.size(); ++kind) {
      row.values.push_back({kind, stage_of_request(*run.run, chart.kinds[kind])});
      cells.push_back(duration_text(row.values.back().value));
    }
    chart.rows.push_back(std::move(row));
    chart.text.rows.push_back(std::move(cells));
  }
  return chart;
}

}  // namespace vivace::bench
