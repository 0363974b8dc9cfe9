#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "bench/metric.hpp"
#include "bench/report_charts.hpp"
#include "bench/wording.hpp"

namespace vivace::bench {
namespace {

/// What a run was varied by: the names and values of all that could be.
using Knobs = std::map<std::string, std::string>;

Knobs knobs_of(const Run& run) {
  Knobs knobs = run.settings;
  const auto add = [&](const char* name, double value) {
    if (value > 0) knobs[name] = fmt::format("{:g}", value);
  };
  add("concurrency", static_cast<double>(run.load.concurrency));
  add("streams", static_cast<double>(run.load.streams));
  add("requested rate in 1/s", run.load.rate_hz);
  knobs["load"] = run.load.kind;
  knobs["target"] = run.target;
  return knobs;
}

std::optional<double> number_of(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size() && value > 0 && value < 1e12;
  return is_number ? std::optional(value) : std::nullopt;
}

/// The knob with the most different values in all runs, each a number; empty where none has two.
std::string most_varied(const std::vector<ReportRun>& runs) {
  std::map<std::string, std::set<double>> values;
  std::map<std::string, std::size_t> counts;
  for (const ReportRun& run : runs) {
    for (const auto& [name, text] : knobs_of(*run.run)) {
      if (const auto number = number_of(text)) {
        values[name].insert(*number);
        ++counts[name];
      }
    }
  }
  std::string best;
  std::size_t most = 1;
  for (const auto& [name, numbers] : values) {
    const bool wins = numbers.size() > most || (numbers.size() == most && most > 1 && name == "concurrency");
    if (counts[name] != runs.size() || !wins) continue;
    best = name;
    most = numbers.size();
  }
  return best;
}

/// What the runs differ in besides `varied`, of one run: "backend=openvino threads=2".
std::string others_of(const Run& run, const std::string& varied, const std::set<std::string>& differing) {
  std::string text;
  for (const auto& [name, value] : knobs_of(run)) {
    if (name != varied && differing.contains(name)) text += (text.empty() ? "" : " ") + name + "=" + value;
  }
  return text;
}

std::set<std::string> differing_knobs(const std::vector<ReportRun>& runs) {
  std::map<std::string, std::set<std::string>> values;
  std::set<std::string> names;
  for (const ReportRun& run : runs) {
    for (const auto& [name, value] : knobs_of(*run.run)) names.insert(name);
  }
  std::set<std::string> differing;
  for (const std::string& name : names) {
    std::set<std::string> seen;
    for (const ReportRun& run : runs) {
      const Knobs knobs = knobs_of(*run.run);
      const auto found = knobs.find(name);
      seen.insert(found == knobs.end() ? "" : found->second);
    }
    if (seen.size() > 1) differing.insert(name);
  }
  return differing;
}

}  // namespace

LineChart throughput_over_load(const std::vector<ReportRun>& runs) {
  const std::string varied = most_varied(runs);
  LineChart chart{{"Throughput over " + varied,
                   "Items answered a second, failed requests left out.",
                   {"run", varied, "throughput"},
                   {}},
                  {varied, Unit::plain, false, true},
                  {"items answered a second", Unit::rate, false, true},
                  {}};
  if (varied.empty()) return chart;
  const std::set<std::string> differing = differing_knobs(runs);
  std::map<std::string, Series> lines;
  double least = 1e12;
  double most = 0;
  for (const ReportRun& run : runs) {
    const double x = *number_of(knobs_of(*run.run).at(varied));
    const double rate = value_of(metric_named("rate"), *run.run);
    const std::string others = others_of(*run.run, varied, differing);
    lines[others].points.push_back({x, rate});
    least = std::min(least, x);
    most = std::max(most, x);
    chart.text.rows.push_back({run.name, fmt::format("{:g}", x), rate_text(rate)});
  }
  chart.x.is_logarithmic = most / least >= 16;
  for (auto& [name, series] : lines) {
    if (chart.series.size() == kMostLines) break;
    std::sort(series.points.begin(), series.points.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
    series.name = name.empty() ? "throughput" : name;
    series.colour = chart.series.size();
    series.has_markers = true;
    chart.series.push_back(std::move(series));
  }
  if (lines.size() > kMostLines)
    chart.text.caption += fmt::format(" The first {} of {} lines.", kMostLines, lines.size());
  return chart;
}

}  // namespace vivace::bench
