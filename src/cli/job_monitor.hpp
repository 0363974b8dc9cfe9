#pragma once

#include <chrono>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <thread>

#include "library/analyze_job.hpp"

namespace vivace::cli {

struct MonitorOptions {
  bool bar = true;          ///< a progress line on standard error, where that is a terminal
  bool json = false;        ///< progress, failures and the summary as JSON lines on standard output
  std::string status_file;  ///< holds the progress as a JSON object, always whole; empty: none
};

/// Tells people and programs once a second how a job goes, also while no track ends. Safe from many threads.
class JobMonitor {
 public:
  /// Throws Error where the status file cannot be written.
  explicit JobMonitor(MonitorOptions options);
  JobMonitor(const JobMonitor&) = delete;
  JobMonitor& operator=(const JobMonitor&) = delete;
  ~JobMonitor();

  /// As JobObserver.
  void observe(const library::JobEvent* event, const library::JobSummary& so_far);
  /// The last word.
  void finish(const library::JobSummary& summary);
  /// The last word where the job ended with an error: the status file tells it.
  void fail(const Error& error);

 private:
  using Clock = std::chrono::steady_clock;

  void tick_until(const std::stop_token& end);
  std::optional<library::JobSummary> current() const;
  void show(const library::JobSummary& summary) const;
  void write_status(const std::string& event, const library::JobSummary& summary) const;
  void write_status(const nlohmann::json& status) const;
  void warn_once(const std::string& message);

  MonitorOptions options_;
  mutable std::mutex mutex_;
  std::optional<library::JobSummary> latest_;
  Clock::time_point seen_{};
  bool warned_ = false;
  std::jthread ticker_;
};

}  // namespace vivace::cli
