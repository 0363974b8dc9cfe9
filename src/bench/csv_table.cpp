#include "bench/csv_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/run_summary.hpp"
#include "records/csv_text.hpp"

namespace vivace::bench {
namespace {

/// A cell's column and text.
using Cells = std::vector<std::pair<std::string, std::string>>;

constexpr std::array kSettings = {"backend", "provider", "precision", "batch", "threads", "workers", "max-batch"};

std::string cell(double value) { return fmt::format("{:.9g}", value); }

/// Empty for a figure that is 0 where there is none.
std::string known_cell(double value) { return value > 0 ? cell(value) : ""; }

std::string setting_of(const Run& run, const std::string& name) {
  const auto found = run.settings.find(name);
  return found == run.settings.end() ? "" : found->second;
}

std::string map_text(const std::map<std::string, double>& map) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : map) parts.push_back(fmt::format("{}={:.9g}", name, value));
  return fmt::format("{}", fmt::join(parts, " "));
}

void add_times(Cells& cells, const std::string& name, const TimeSummary& times) {
  for (std::size_t i = 0; i < kShares.size(); ++i) {
    const std::optional<Estimate>& estimate = times.percentiles[i];
    cells.emplace_back(fmt::format("{}_{}_s", name, kShareNames[i]), estimate ? cell(estimate->value) : "");
    cells.emplace_back(fmt::format("{}_{}_low_s", name, kShareNames[i]), estimate ? cell(estimate->low) : "");
    cells.emplace_back(fmt::format("{}_{}_high_s", name, kShareNames[i]), estimate ? cell(estimate->high) : "");
  }
}

Cells cells_of(const Run& run, const Environment& environment) {
  const RunSummary summary = summarize(run);
  Cells cells{{"name", run.name}, {"target", run.target}, {"platform", environment.kernel}};
  for (const std::string name : kSettings)
    cells.emplace_back(name == "max-batch" ? "max_batch" : name, setting_of(run, name));
  cells.insert(cells.end(),
               {{"load", run.load.kind},
                {"callers", known_cell(static_cast<double>(run.load.concurrency))},
                {"load_rate_hz", known_cell(run.load.rate_hz)},
                {"streams", known_cell(static_cast<double>(run.load.streams))},
                {"requests", std::to_string(summary.requests)},
                {"failed", std::to_string(summary.failed)},
                {"duration_s", known_cell(run.duration_s)},
                {"rate_hz", known_cell(summary.rate_hz)},
                {"items_per_s", known_cell(summary.items_per_s)},
                {"audio_x_real_time", run.duration_s > 0 ? known_cell(run.audio_s / run.duration_s) : ""}});
  add_times(cells, "response", summary.response);
  add_times(cells, "service", summary.service);
  add_times(cells, "lag", summary.lag);
  cells.insert(cells.end(), {{"first_s", known_cell(run.first_s)},
                             {"cold_load_s", known_cell(run.cold_load_s)},
                             {"load_model_s", known_cell(run.load_model_s)},
                             {"warm_up_s", run.samples.empty() ? "" : cell(run.warm_up_s)},
                             {"cpu_s", known_cell(run.cpu_s)},
                             {"peak_resident_bytes", known_cell(static_cast<double>(run.peak_resident_bytes))},
                             {"stages_s", map_text(run.stage_s)},
                             {"found", map_text(run.found)},
                             {"problems", fmt::format("{}", fmt::join(run.problems, "; "))},
                             {"notes", fmt::format("{}", fmt::join(run.notes, "; "))},
                             {"time", environment.time},
                             {"host", environment.host},
                             {"cpu", environment.cpu},
                             {"cores", std::to_string(environment.cores)},
                             {"vivace_version", environment.vivace_version},
                             {"git_revision", environment.git_revision},
                             {"model_sha256", run.model_sha256},
                             {"input_sha256", run.input_sha256}});
  return cells;
}

std::string line_of(const std::vector<std::string>& texts) {
  std::string line;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) line += ',';
    if (!texts[i].empty()) records::append_csv_cell(line, texts[i]);
  }
  return line + '\n';
}

}  // namespace

std::string to_csv(const Result& result) {
  std::vector<std::string> columns;
  for (const auto& [column, text] : cells_of({}, {})) columns.push_back(column);
  std::string csv = line_of(columns);
  for (const Run& run : result.runs) {
    std::vector<std::string> texts;
    for (const auto& [column, text] : cells_of(run, result.environment)) texts.push_back(text);
    csv += line_of(texts);
  }
  return csv;
}

}  // namespace vivace::bench
