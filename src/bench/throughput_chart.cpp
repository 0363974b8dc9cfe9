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

std::string value_of_knob(const Run& run, const std::string& name) {
  const Knobs knobs = knobs_of(run);
  const auto found = knobs.find(name);
  return found == knobs.end() ? "" : found->second;
}

/// Whether runs that agree in one knob always agree in the other too.
bool determines(const std::vector<ReportRun>& runs, const std::string& one, const std::string& other) {
  std::map<std::string, std::string> values;
  return std::all_of(runs.begin(), runs.end(), [&](const ReportRun& run) {
    const std::string value = value_of_knob(*run.run, other);
    return values.try_emplace(value_of_knob(*run.run, one), value).first->second == value;
  });
}

/// The knobs besides `varied` that tell runs apart, none of which follows from another one of them or from `varied`:
/// a placement, e.g., follows from its backend.
std::vector<std::string> telling_knobs(const std::vector<ReportRun>& runs, const std::string& varied) {
  std::set<std::string> names;
  for (const ReportRun& run : runs) {
    for (const auto& [name, value] : knobs_of(*run.run)) names.insert(name);
  }
  std::vector<std::string> telling;
  for (const std::string& name : names) {
    const auto gives_it = [&](const std::string& other) { return determines(runs, other, name); };
    if (name == varied || gives_it("") || gives_it(varied)) continue;
    if (std::none_of(telling.begin(), telling.end(), gives_it)) telling.push_back(name);
  }
  return telling;
}

/// What a run is in these knobs: "backend=openvino threads=2".
std::string text_of(const Run& run, const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    const std::string value = value_of_knob(run, name);
    if (!value.empty()) text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
  }
  return text;
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
  const std::vector<std::string> differing = telling_knobs(runs, varied);
  std::map<std::string, Series> lines;
  double least = 1e12;
  double most = 0;
  for (const ReportRun& run : runs) {
    const double x = *number_of(knobs_of(*run.run).at(varied));
    const double rate = items_per_second(*run.run);
    const std::string others = text_of(*run.run, differing);
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
