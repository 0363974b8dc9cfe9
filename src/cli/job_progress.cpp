#include "cli/job_progress.hpp"

#include <fmt/format.h>

#include <string>

#include "base/clock_time.hpp"
#include "cli/console.hpp"

namespace vivace::cli {
namespace {

constexpr std::chrono::milliseconds kRefresh{100};

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
                        audio_s_ / elapsed, base::clock_time(elapsed / share - elapsed));
  }
  if (failed_ > 0) line += fmt::format("  {} failed", failed_);
  show_progress(share, line);
}

}  // namespace vivace::cli
