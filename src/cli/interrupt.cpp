#include "cli/interrupt.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <utility>

#include "cli/console.hpp"

namespace vivace::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kEndedBySignal = 128;
// What comes sooner is the same request: `timeout` signals the program and then its group.
constexpr std::chrono::milliseconds kRepeated{100};

sigset_t interrupt_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

void watch(const std::stop_token& end, const std::stop_source& interrupted, const std::string& reaction) {
  const sigset_t signals = interrupt_signals();
  Clock::time_point first{};
  while (true) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    if (end.stop_requested()) return;
    if (interrupted.stop_requested()) {
      if (Clock::now() - first >= kRepeated) _exit(kEndedBySignal + signal);
      continue;
    }
    interrupted.request_stop();
    print_note(fmt::format("vivace: {}; press Ctrl-C again to stop at once", reaction));
    first = Clock::now();
  }
}

}  // namespace

InterruptWatch::InterruptWatch(std::string reaction) {
  const sigset_t signals = interrupt_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  watcher_ = std::jthread([source = interrupted_, reaction = std::move(reaction)](const std::stop_token& end) {
    watch(end, source, reaction);
  });
}

InterruptWatch::~InterruptWatch() {
  watcher_.request_stop();
  // It waits for this signal, which ends nothing.
  pthread_kill(watcher_.native_handle(), SIGTERM);  // NOLINT(bugprone-bad-signal-to-kill-thread)
}

}  // namespace vivace::cli
