#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace vivace::runtime {

/// What a backend wrote of its runs, in Chrome's trace format.
struct BackendProfile {
  std::filesystem::path file;
  std::chrono::system_clock::time_point start{};  ///< where the times in it begin
};

/// The stage in which a thread runs the model: what a backend writes of that thread lies within.
constexpr std::string_view kTraceRun = "infer";

/// Stages with their times and threads, for Chrome's trace viewer (chrome://tracing, Perfetto). Safe from many threads.
class Trace {
 public:
  using Clock = std::chrono::steady_clock;

  /// A stage that the calling thread has gone through. At most a million are kept.
  void add(const char* name, Clock::time_point begin, Clock::time_point end, std::size_t rows);

  /// The same of a stage that takes no thread, such as waiting.
  void add_waiting(const char* name, Clock::time_point begin, Clock::time_point end, std::size_t rows);

  /// Writes what was added, joined with what the backend wrote where there is such a file. Throws Error: unavailable,
  /// resource_exhausted, corrupt_data (the backend's file).
  void write(const std::filesystem::path& path, const BackendProfile* backend) const;

 private:
  struct Event {
    const char* name;
    Clock::time_point begin;
    Clock::time_point end;
    std::size_t rows;
    pid_t thread;  // 0: none
  };

  void keep(const Event& event);

  mutable std::mutex mutex_;
  std::vector<Event> events_;
  std::size_t left_out_ = 0;
};

}  // namespace vivace::runtime
