#include "cli/job_progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "cli/console.hpp"

namespace vivace::cli {
namespace {

constexpr std::size_t kWidestBar = 24;
constexpr std::chrono::milliseconds kRefresh{100};

std::string bar(double share, std::size_t width) {
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
  std::string cells;
  for (std::size_t i = 0; i < width; ++i) cells += i < filled ? "█" : "░";
  return cells;
}

}  // namespace

JobProgress::JobProgress(std::size_t total, bool shown) : total_(total), shown_(shown && error_is_terminal()) {
  if (shown_) show();
}

JobProgress::~JobProgress() {
  if (shown_) clear_progress();
}

void JobProgress::advance(double audio_s, bool failed) {
  ++done_;
  if (failed) ++failed_;
  audio_s_ += audio_s;
  if (shown_ && (done_ == total_ || Clock::now() - last_shown_ >= kRefresh)) show();
}

void JobProgress::show() {
  last_shown_ = Clock::now();
  const double elapsed = std::chrono::duration<double>(last_shown_ - start_).count();
  const double share = total_ == 0 ? 1 : static_cast<double>(done_) / static_cast<double>(total_);
  std::string line = fmt::format(" {}/{}", done_, total_);
  if (done_ > 0 && elapsed > 0) {
    line += fmt::format("  {:.1f} tracks/s  {:.0f} x real time  {} left", static_cast<double>(done_) / elapsed,
                        audio_s_ / elapsed, clock_time(elapsed / share - elapsed));
  }
  if (failed_ > 0) line += fmt::format("  {} failed", failed_);
  const std::size_t columns = terminal_columns() - 1;  // a full line would wrap
  const std::size_t room = columns - std::min(columns, line.size());
  show_progress(bar(share, std::min(room, kWidestBar)) + line.substr(0, columns));
}

}  // namespace vivace::cli
