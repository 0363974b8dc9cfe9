#include "cli/summary.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/machine.hpp"

namespace vivace::cli {

std::string summary_line(const embed::JobSummary& summary, std::size_t existing) {
  const std::size_t processed = summary.done + summary.failed;
  std::string line = fmt::format("{} tracks, {} failed, {:.2f} h of audio in {:.1f} s", processed, summary.failed,
                                 summary.audio_s / 3600, summary.wall_s);
  if (summary.wall_s > 0 && summary.audio_s > 0) {
    line +=
        fmt::format(": real-time factor {:.5f} ({:.0f} x real time), {:.2f} tracks/s", summary.wall_s / summary.audio_s,
                    summary.audio_s / summary.wall_s, static_cast<double>(processed) / summary.wall_s);
  }
  if (summary.truncated > 0) line += fmt::format("; {} truncated", summary.truncated);
  if (existing > 0) line += fmt::format("; {} already there", existing);
  if (summary.outside_limits > 0) line += fmt::format("; {} outside the duration limits", summary.outside_limits);
  return line;
}

std::string profile_table(const embed::JobSummary& summary) {
  const std::pair<const char*, double> stages[] = {{"decode", summary.seconds.decode},
                                                   {"resample", summary.seconds.resample},
                                                   {"mel", summary.seconds.mel},
                                                   {"model", summary.seconds.model},
                                                   {"output", summary.output_s}};
  double total = 0;
  for (const auto& [name, seconds] : stages) total += seconds;
  std::string table = fmt::format("{:<10}{:>10}{:>9}{:>12}\n", "stage", "seconds", "share", "s/track");
  for (const auto& [name, seconds] : stages) {
    table += fmt::format("{:<10}{:>10.3f}{:>8.1f}%{:>12.4f}\n", name, seconds, total > 0 ? 100 * seconds / total : 0.0,
                         summary.done > 0 ? seconds / static_cast<double>(summary.done) : 0.0);
  }
  constexpr double kMegabyte = 1e6;
  table += fmt::format("peak resident memory {:.0f} MB", static_cast<double>(base::peak_resident_bytes()) / kMegabyte);
  return table;
}

}  // namespace vivace::cli
