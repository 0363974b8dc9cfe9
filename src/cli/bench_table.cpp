#include "cli/bench_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/judgement.hpp"
#include "bench/run_summary.hpp"
#include "bench/text_table.hpp"
#include "bench/time_column.hpp"
#include "bench/wording.hpp"

namespace vivace::cli {
namespace {

constexpr double kMegabyte = 1e6;
constexpr double kPercent = 100;
constexpr std::size_t kLongestReason = 160;                    // letters
constexpr std::size_t kP50 = 0, kP90 = 1, kP95 = 2, kP99 = 3;  // of bench::kShares

using bench::duration_text;
using bench::figure_text;
using bench::plain_text;

std::string percentile_text(const bench::TimeSummary& times, std::size_t share) {
  const std::optional<bench::Estimate>& estimate = times.percentiles[share];
  return estimate ? duration_text(estimate->value) : "-";
}

std::string label_of(const bench::Run& run) { return plain_text(run.name.empty() ? run.load.kind : run.name); }

/// A run and what its samples come to.
struct Summarized {
  const bench::Run* run = nullptr;
  bench::RunSummary summary;
};

/// A column of what `time` gives of each run that was measured.
template <typename Time>
bench::TimeColumn time_column(const char* name, bool has_intervals, const std::vector<Summarized>& runs, Time&& time) {
  bench::TimeColumn column{name, has_intervals, {}};
  for (const Summarized& run : runs) {
    column.times.push_back(run.run->samples.empty() ? std::nullopt : std::optional<bench::Estimate>(time(run)));
  }
  return column;
}

std::vector<bench::TimeColumn> latency_columns(const std::vector<Summarized>& runs) {
  const auto response = [](std::size_t share) {
    return [share](const Summarized& run) { return run.summary.response.percentiles[share]; };
  };
  const auto service = [](const Summarized& run) { return run.summary.service.percentiles[kP50]; };
  return {time_column("p50", true, runs, response(kP50)), time_column("p90", false, runs, response(kP90)),
          time_column("p95", false, runs, response(kP95)), time_column("p99", true, runs, response(kP99)),
          time_column("service p50", false, runs, service)};
}

std::vector<bench::TimeColumn> begin_columns(const std::vector<Summarized>& runs) {
  const auto exact = [](double seconds) { return bench::Estimate{seconds, seconds, seconds}; };
  return {time_column("first", false, runs, [&](const Summarized& run) { return exact(run.run->first_s); }),
          time_column("load", false, runs, [&](const Summarized& run) { return exact(run.run->load_model_s); })};
}

/// Appends columns in a unit of their own, which the first of them names.
void append(std::vector<bench::TableRow>& rows, const std::vector<bench::TimeColumn>& columns) {
  const bench::TimeScale scale = bench::scale_of(columns);
  for (const bench::TimeColumn& column : columns) {
    const bool is_first = &column == &columns.front();
    rows.front().push_back(is_first ? column.name + " " + scale.unit : column.name);
    const std::vector<std::string> cells = bench::cells_of(column, scale);
    for (std::size_t i = 0; i < cells.size(); ++i) rows[i + 1].push_back(cells[i]);
  }
}

/// The head, and a row a run.
std::vector<bench::TableRow> rows_of(const std::vector<Summarized>& runs) {
  std::vector<bench::TableRow> rows{{"setting", "requests", "rate/s", "items/s"}};
  for (const auto& [run, summary] : runs) {
    const bool was_measured = !run->samples.empty();
    rows.push_back({label_of(*run), was_measured ? std::to_string(summary.requests) : "-",
                    was_measured ? figure_text(summary.rate_hz) : "-",
                    was_measured ? figure_text(summary.items_per_s) : "-"});
  }
  append(rows, latency_columns(runs));
  append(rows, begin_columns(runs));
  rows.front().push_back("memory MB");
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto memory = static_cast<double>(runs[i].run->peak_resident_bytes);
    rows[i + 1].push_back(memory > 0 ? figure_text(memory / kMegabyte) : "-");
  }
  return rows;
}

/// "decode 61 %, mel 9 %, …" of the time in all stages.
std::string stage_text(const bench::Run& run) {
  double sum = 0;
  for (const auto& [stage, seconds] : run.stage_s) sum += seconds;
  std::vector<std::string> parts;
  for (const auto& [stage, seconds] : bench::stages_in_order(run.stage_s))
    parts.push_back(fmt::format("{} {:.0f} %", stage, kPercent * seconds / sum));
  return sum > 0 ? fmt::format("{}", fmt::join(parts, ", ")) : "";
}

std::vector<std::string> remarks_of(const bench::Run& run, const bench::RunSummary& summary) {
  std::vector<std::string> remarks;
  for (const auto& [name, value] : run.found) remarks.push_back(bench::found_text(name, value));
  if (run.audio_s > 0) remarks.push_back(fmt::format("{} x real time", figure_text(run.audio_s / run.duration_s)));
  if (bench::is_open(run.load) && summary.lag.count > 0) {
    remarks.push_back(fmt::format("sent late by: p50 {}, p99 {}, most {}", percentile_text(summary.lag, kP50),
                                  percentile_text(summary.lag, kP99), duration_text(summary.lag.most)));
  }
  if (const std::string stages = stage_text(run); !stages.empty()) remarks.push_back("stages: " + stages);
  for (const std::string& problem : run.problems) remarks.push_back("INVALID: " + problem);
  for (const std::string& note : run.notes) remarks.push_back("note: " + note);
  return remarks;
}

/// What the figures stand for that need a word.
std::string explanation(const std::vector<bench::TableRow>& rows) {
  std::string text = fmt::format("p50 and p99 with their intervals of {:g} %", kPercent * bench::kConfidence);
  const auto has_gap = [](const bench::TableRow& row) { return std::find(row.begin(), row.end(), "-") != row.end(); };
  if (std::any_of(rows.begin(), rows.end(), has_gap)) {
    text += "; -: not known, or fewer than ten requests are slower";
  }
  return text + "\n";
}

/// The targets of runs, each once where it changes.
std::string targets_text(const std::vector<bench::Run>& runs) {
  std::string text;
  std::string target;
  for (const bench::Run& run : runs) {
    if (run.target != target) text += plain_text(run.target) + '\n';
    target = run.target;
  }
  return text;
}

/// Settings for which one reason is told: all up to three, else the first and how many more.
std::string settings_text(const std::vector<std::string>& settings) {
  constexpr std::size_t kMostNamed = 3;
  if (settings.size() <= kMostNamed) return fmt::format("{}", fmt::join(settings, ", "));
  return fmt::format("{} and {} more", settings.front(), settings.size() - 1);
}

/// Why settings could not run: each reason once, shortened; the result as JSON or CSV has all of it.
std::string failures_text(const std::vector<bench::Run>& runs) {
  std::vector<std::pair<std::string, std::vector<std::string>>> failures;
  for (const bench::Run& run : runs) {
    if (!run.samples.empty()) continue;
    for (const std::string& problem : run.problems) {
      const auto same = [&](const auto& failure) { return failure.first == problem; };
      auto found = std::find_if(failures.begin(), failures.end(), same);
      if (found == failures.end()) found = failures.insert(found, {problem, {}});
      found->second.push_back(label_of(run));
    }
  }
  std::string text;
  for (const auto& [problem, settings] : failures) {
    text += fmt::format("{}: INVALID: {}\n", settings_text(settings),
                        plain_text(bench::shortened(problem, kLongestReason)));
  }
  return text;
}

}  // namespace

std::string bench_table(const bench::Result& result) {
  std::vector<Summarized> runs;
  for (const bench::Run& run : result.runs) runs.push_back({&run, bench::summarize(run)});
  const std::vector<bench::TableRow> rows = rows_of(runs);
  std::string remarks;
  for (const auto& [run, summary] : runs) {
    if (run->samples.empty()) continue;
    for (const std::string& remark : remarks_of(*run, summary)) {
      remarks += fmt::format("{}: {}\n", label_of(*run), plain_text(remark));
    }
  }
  std::vector<bool> is_number(rows.front().size(), true);
  is_number.front() = false;
  return targets_text(result.runs) + bench::text_table(rows, is_number) + explanation(rows) + remarks +
         failures_text(result.runs);
}

}  // namespace vivace::cli
