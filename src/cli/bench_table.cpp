#include "cli/bench_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "bench/run_summary.hpp"

namespace vivace::cli {
namespace {

constexpr double kMilliseconds = 1e3;
constexpr double kMegabyte = 1e6;
constexpr std::size_t kP50 = 0, kP90 = 1, kP95 = 2, kP99 = 3;  // of bench::kShares

using Row = std::vector<std::string>;

const Row kHeader = {"setting", "requests", "rate/s",  "items/s", "p50 ms", "p90",
                     "p95",     "p99",      "service", "first",   "load",   "memory MB"};

/// Three significant digits, and all digits before the point.
std::string figure(double value) {
  if (value >= 100) return fmt::format("{:.0f}", value);
  return value >= 10 ? fmt::format("{:.1f}", value) : fmt::format("{:.3g}", value);
}

std::string milliseconds(const bench::TimeSummary& times, std::size_t share) {
  const std::optional<bench::Estimate>& estimate = times.percentiles[share];
  return estimate ? figure(estimate->value * kMilliseconds) : "-";
}

Row row_of(const bench::Run& run) {
  Row row{run.name.empty() ? run.load.kind : run.name};
  if (run.samples.empty()) {
    row.resize(kHeader.size(), "-");
    return row;
  }
  const bench::RunSummary summary = bench::summarize(run);
  row.insert(row.end(), {std::to_string(summary.requests), figure(summary.rate_hz), figure(summary.items_per_s)});
  for (const std::size_t share : {kP50, kP90, kP95, kP99}) row.push_back(milliseconds(summary.response, share));
  row.push_back(milliseconds(summary.service, kP50));
  row.push_back(figure(run.first_s * kMilliseconds));
  row.push_back(figure(run.load_model_s * kMilliseconds));
  row.push_back(figure(static_cast<double>(run.peak_resident_bytes) / kMegabyte));
  return row;
}

/// Columns as wide as they must be, the first to the left, the others to the right.
std::string aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(kHeader.size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    text += fmt::format("{:<{}}", row[0], widths[0]);
    for (std::size_t i = 1; i < row.size(); ++i) text += fmt::format("  {:>{}}", row[i], widths[i]);
    text += '\n';
  }
  return text;
}

/// "decode 61 %, mel 9 %, …" of the time in all stages.
std::string stage_text(const bench::Run& run) {
  double sum = 0;
  for (const auto& [stage, seconds] : run.stage_s) sum += seconds;
  std::vector<std::string> parts;
  for (const auto& [stage, seconds] : run.stage_s)
    parts.push_back(fmt::format("{} {:.0f} %", stage, 100 * seconds / sum));
  return sum > 0 ? fmt::format("{}", fmt::join(parts, ", ")) : "";
}

std::vector<std::string> remarks_of(const bench::Run& run) {
  std::vector<std::string> remarks;
  for (const auto& [name, value] : run.found) remarks.push_back(fmt::format("{} = {:.4g}", name, value));
  if (run.audio_s > 0) remarks.push_back(fmt::format("{} x real time", figure(run.audio_s / run.duration_s)));
  if (const std::string stages = stage_text(run); !stages.empty()) remarks.push_back("stages: " + stages);
  for (const std::string& problem : run.problems) remarks.push_back("INVALID: " + problem);
  for (const std::string& note : run.notes) remarks.push_back("note: " + note);
  return remarks;
}

}  // namespace

std::string bench_table(const bench::Result& result) {
  std::string text;
  std::string target;
  std::vector<Row> rows{kHeader};
  std::string remarks;
  for (const bench::Run& run : result.runs) {
    if (run.target != target) text += run.target + '\n';
    target = run.target;
    rows.push_back(row_of(run));
    for (const std::string& remark : remarks_of(run)) remarks += fmt::format("{}: {}\n", rows.back().front(), remark);
  }
  return text + aligned(rows) + remarks;
}

}  // namespace vivace::cli
