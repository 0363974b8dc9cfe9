#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/isolation/channel.hpp"
#include "runtime/isolation/descriptor.hpp"

namespace vivace::runtime {

/// What is left until a deadline in whole milliseconds, at least 0; -1 where there is none. As `poll` takes it.
int milliseconds_until(std::optional<std::chrono::steady_clock::time_point> deadline);

/// The program that workers are: `VIVACE_WORKER`, else `vivace/vivace-worker` beside the library.
/// Throws Error(not_found) where it is not there.
std::filesystem::path worker_program();

/// A worker process, seen from the process that started it. It dies with the thread that constructs this, so that none
/// is left behind, and gets no descriptor but its own. What it writes to its standard output and error goes to the log.
class WorkerProcess {
 public:
  using Clock = std::chrono::steady_clock;

  /// Starts the process. Throws Error: resource_exhausted, unavailable (the program cannot be run).
  explicit WorkerProcess(const std::filesystem::path& program);
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;
  /// Kills it where it has not ended.
  ~WorkerProcess();

  pid_t id() const { return id_; }
  /// For messages; one thread at a time.
  const Channel& control() const { return control_; }
  /// Becomes readable when the process ends.
  int end_descriptor() const { return process_.get(); }

  /// Asks to stop a run, thread-safe.
  void stop_run(std::uint64_t run) const;
  /// Asks it to end when nothing is under way.
  void finish() const { control_.finish(); }
  /// Thread-safe; does nothing to a process that has ended.
  void kill() const;

  /// Passes its output to the log until it has ended, `control` has a message, or `deadline` has passed. False for
  /// the deadline. One thread at a time, as the following.
  bool wait_for_message(Clock::time_point deadline);
  /// The same until it has ended. False for the deadline.
  bool wait_for_end(std::optional<Clock::time_point> deadline);

  /// How it ended, after `wait_for_end`: "was ended by signal 9 (Killed)", with its last words where it had any.
  std::string how_it_ended();

 private:
  void start(const std::filesystem::path& program, int control, int lifeline, int output);
  bool watch(bool until_message, std::optional<Clock::time_point> deadline);
  void read_output();
  void log_line(std::string_view line);

  Channel control_;
  Channel lifeline_;
  Descriptor output_;
  Descriptor process_;
  pid_t id_ = -1;
  bool reaped_ = false;
  std::string line_;        // of its output, not yet ended
  std::string last_words_;  // the last line that was no message of the log
};

}  // namespace vivace::runtime
