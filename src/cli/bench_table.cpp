#include "cli/bench_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "bench/judgement.hpp"
#include "bench/run_summary.hpp"
#include "bench/text_table.hpp"
#include "bench/wording.hpp"

namespace vivace::cli {
namespace {

constexpr double kMilliseconds = 1e3;
constexpr double kMegabyte = 1e6;
constexpr double kPercent = 100;
constexpr std::size_t kP50 = 0, kP90 = 1, kP95 = 2, kP99 = 3;  // of bench::kShares

using bench::figure_text;
using bench::plain_text;

const bench::TableRow kHeader = {"setting", "requests", "rate/s",      "items/s", "p50 ms", "p90",
                                 "p95",     "p99",      "service p50", "first",   "load",   "memory MB"};

std::string milliseconds(double seconds) { return figure_text(seconds * kMilliseconds); }

std::string percentile_text(const bench::TimeSummary& times, std::size_t share) {
  const std::optional<bench::Estimate>& estimate = times.percentiles[share];
  return estimate ? milliseconds(estimate->value) : "-";
}

/// With its interval: "5.40 (5.38–5.42)".
std::string interval_text(const bench::TimeSummary& times, std::size_t share) {
  const std::optional<bench::Estimate>& estimate = times.percentiles[share];
  if (!estimate) return "-";
  return fmt::format("{} ({}–{})", milliseconds(estimate->value), milliseconds(estimate->low),
                     milliseconds(estimate->high));
}

std::string label_of(const bench::Run& run) { return plain_text(run.name.empty() ? run.load.kind : run.name); }

bench::TableRow row_of(const bench::Run& run, const bench::RunSummary& summary) {
  bench::TableRow row{label_of(run)};
  if (run.samples.empty()) {
    row.resize(kHeader.size(), "-");
    return row;
  }
  row.insert(row.end(),
             {std::to_string(summary.requests), figure_text(summary.rate_hz), figure_text(summary.items_per_s)});
  row.push_back(interval_text(summary.response, kP50));
  for (const std::size_t share : {kP90, kP95}) row.push_back(percentile_text(summary.response, share));
  row.push_back(interval_text(summary.response, kP99));
  row.push_back(percentile_text(summary.service, kP50));
  row.push_back(milliseconds(run.first_s));
  row.push_back(milliseconds(run.load_model_s));
  const auto memory = static_cast<double>(run.peak_resident_bytes);
  row.push_back(memory > 0 ? figure_text(memory / kMegabyte) : "-");
  return row;
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
    remarks.push_back(fmt::format("sent late by, ms: p50 {}, p99 {}, most {}", percentile_text(summary.lag, kP50),
                                  percentile_text(summary.lag, kP99), milliseconds(summary.lag.most)));
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

}  // namespace

std::string bench_table(const bench::Result& result) {
  std::string text;
  std::string target;
  std::vector<bench::TableRow> rows{kHeader};
  std::string remarks;
  for (const bench::Run& run : result.runs) {
    if (run.target != target) text += plain_text(run.target) + '\n';
    target = run.target;
    const bench::RunSummary summary = bench::summarize(run);
    rows.push_back(row_of(run, summary));
    for (const std::string& remark : remarks_of(run, summary)) {
      remarks += fmt::format("{}: {}\n", rows.back().front(), plain_text(remark));
    }
  }
  std::vector<bool> is_number(kHeader.size(), true);
  is_number.front() = false;
  return text + bench::text_table(rows, is_number) + explanation(rows) + remarks;
}

}  // namespace vivace::cli
