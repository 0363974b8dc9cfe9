#include "library/checkpoint.hpp"

#include <fmt/format.h>

#include <thread>

#include "vivace/error.hpp"

namespace vivace::library {
namespace {

// Shorter rests are put off: sleeping is not that exact.
constexpr double kShortestRest = 0.005;
// Reading how much memory a process holds is not for nothing.
constexpr std::chrono::milliseconds kBetweenLooks{50};

double seconds(std::chrono::steady_clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

void Checkpoint::pass() {
  rest();
  if (limits_.time_s > 0 && worked_s() > limits_.time_s) {
    throw Error(ErrorCode::resource_exhausted,
                fmt::format("took longer than {:g} s, the limit for a track; give it more with --time-limit and "
                            "--retry-failed",
                            limits_.time_s));
  }
  if (limits_.memory_bytes == 0 || Clock::now() < next_look_) return;
  next_look_ = Clock::now() + kBetweenLooks;
  out_of_memory_ = memory_.must_give_way(track_);
  if (!out_of_memory_) return;
  throw Error(ErrorCode::resource_exhausted,
              fmt::format("needs more than {} bytes, the limit for the process; give it more with --memory-limit and "
                          "--retry-failed",
                          limits_.memory_bytes));
}

double Checkpoint::worked_s() const { return seconds(Clock::now() - start_) - rested_s_; }

void Checkpoint::rest() {
  if (limits_.cpu_share >= 1) return;
  const auto now = Clock::now();
  const double due_s = seconds(now - last_rest_) * (1 / limits_.cpu_share - 1);
  if (due_s < kShortestRest) return;
  std::this_thread::sleep_for(std::chrono::duration<double>(due_s));
  last_rest_ = Clock::now();
  rested_s_ += seconds(last_rest_ - now);
}

}  // namespace vivace::library
