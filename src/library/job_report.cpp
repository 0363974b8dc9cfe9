#include "library/job_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/clock_time.hpp"

namespace vivace::library {
namespace {

std::size_t processed(const JobSummary& summary) { return summary.done + summary.failed; }

double per_second(double amount, const JobSummary& summary) { return summary.wall_s > 0 ? amount / summary.wall_s : 0; }

double utilisation(const JobSummary& summary) {
  const double available_s = summary.wall_s * static_cast<double>(summary.workers);
  return available_s > 0 ? std::min(1.0, summary.busy_s / available_s) : 0;
}

}  // namespace

nlohmann::json progress_json(const std::string& event, const JobSummary& summary) {
  nlohmann::json line = {{"event", event},
                         {"open", summary.open},
                         {"done", summary.done},
                         {"failed", summary.failed},
                         {"elsewhere", summary.elsewhere},
                         {"vanished", summary.vanished},
                         {"audio_s", summary.audio_s},
                         {"wall_s", summary.wall_s},
                         {"tracks_per_s", per_second(static_cast<double>(processed(summary)), summary)},
                         {"x_real_time", per_second(summary.audio_s, summary)},
                         {"left_s", nullptr}};
  if (summary.left_s) line["left_s"] = *summary.left_s;
  return line;
}

nlohmann::json summary_json(const JobSummary& summary) {
  nlohmann::json line = progress_json("summary", summary);
  line["stage_s"] = summary.stage_s;
  line["workers"] = summary.workers;
  line["utilisation"] = utilisation(summary);
  line["truncated"] = summary.truncated;
  line["interrupted"] = summary.interrupted;
  return line;
}

std::string progress_text(const JobSummary& summary) {
  const std::size_t through = processed(summary) + summary.elsewhere + summary.vanished;
  std::string text = fmt::format("{}/{}", through, summary.open);
  if (processed(summary) > 0) {
    text +=
        fmt::format("  {:.1f} tracks/s  {:.0f} x real time",
                    per_second(static_cast<double>(processed(summary)), summary), per_second(summary.audio_s, summary));
  }
  if (summary.left_s) text += fmt::format("  {} left", base::clock_time(*summary.left_s));
  if (summary.failed > 0) text += fmt::format("  {} failed", summary.failed);
  return text;
}

std::string summary_text(const JobSummary& summary) {
  constexpr double kHour = 3600;
  std::string text = fmt::format("{} tracks done, {} failed, {:.2f} h of audio in {:.1f} s", summary.done,
                                 summary.failed, summary.audio_s / kHour, summary.wall_s);
  if (processed(summary) > 0) {
    text += fmt::format(": {:.0f} x real time, {:.2f} tracks/s", per_second(summary.audio_s, summary),
                        per_second(static_cast<double>(processed(summary)), summary));
  }
  const std::pair<std::size_t, const char*> others[] = {{summary.truncated, "truncated"},
                                                        {summary.elsewhere, "done by other processes"},
                                                        {summary.vanished, "gone or changed meanwhile"}};
  for (const auto& [count, what] : others) {
    if (count > 0) text += fmt::format("; {} {}", count, what);
  }
  return text;
}

std::string stage_table(const JobSummary& summary) {
  std::vector<std::pair<std::string, double>> stages(summary.stage_s.begin(), summary.stage_s.end());
  double known_s = 0;
  for (const auto& [stage, seconds] : stages) known_s += seconds;
  stages.emplace_back("other", std::max(0.0, summary.busy_s - known_s));
  std::sort(stages.begin(), stages.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string table = fmt::format("{:<20}{:>10}{:>9}\n", "stage", "seconds", "share");
  for (const auto& [stage, seconds] : stages) {
    const double share = summary.busy_s > 0 ? 100 * seconds / summary.busy_s : 0;
    table += fmt::format("{:<20}{:>10.2f}{:>8.1f}%\n", stage, seconds, share);
  }
  return table + fmt::format("{} workers, busy {:.0f} % of the time", summary.workers, 100 * utilisation(summary));
}

}  // namespace vivace::library
