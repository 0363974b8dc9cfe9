#include "cli/job_monitor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/files.hpp"
#include "cli/console.hpp"
#include "library/job_report.hpp"

namespace vivace::cli {
namespace {

constexpr std::chrono::seconds kTick{1};

std::string one_line(const nlohmann::json& object) {
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

nlohmann::json failure_json(const library::JobEvent& event) {
  return {{"event", "failed"},
          {"path", base::to_valid_utf8(event.outcome.file.path.string())},
          {"code", error_code_name(event.error->code())},
          {"message", event.error->message()}};
}

}  // namespace

JobMonitor::JobMonitor(MonitorOptions options) : options_(std::move(options)) {
  options_.bar = options_.bar && error_is_terminal();
  write_status("starting", {});
  ticker_ = std::jthread([this](const std::stop_token& end) { tick_until(end); });
}

JobMonitor::~JobMonitor() {
  ticker_ = {};
  if (options_.bar) clear_progress();
}

void JobMonitor::observe(const library::JobEvent* event, const library::JobSummary& so_far) {
  if (event != nullptr && event->error != nullptr && options_.json) {
    base::write_standard_output(one_line(failure_json(*event)));
  }
  const std::scoped_lock lock(mutex_);
  latest_ = so_far;
  seen_ = Clock::now();
}

void JobMonitor::finish(const library::JobSummary& summary) {
  ticker_ = {};
  if (options_.bar) clear_progress();
  if (options_.json) base::write_standard_output(one_line(library::summary_json(summary)));
  write_status(summary.interrupted ? "interrupted" : "ended", summary);
}

void JobMonitor::fail(const Error& error) {
  ticker_ = {};
  if (options_.bar) clear_progress();
  nlohmann::json status = library::progress_json("failed", latest_.value_or(library::JobSummary{}));
  status["message"] = error.what();
  try {
    write_status(status);
  } catch (const Error& also) {
    warn_once(also.what());
  }
}

void JobMonitor::tick_until(const std::stop_token& end) {
  std::mutex mutex;
  std::condition_variable_any ended;
  std::unique_lock lock(mutex);
  while (!ended.wait_for(lock, end, kTick, [&] { return end.stop_requested(); })) {
    const std::optional<library::JobSummary> summary = current();
    if (!summary) continue;
    try {
      if (options_.bar) show(*summary);
      if (options_.json) base::write_standard_output(one_line(library::progress_json("progress", *summary)));
      write_status("running", *summary);
    } catch (const Error& error) {
      warn_once(error.what());
    }
  }
}

/// The latest, as much later as it is now.
std::optional<library::JobSummary> JobMonitor::current() const {
  const std::scoped_lock lock(mutex_);
  std::optional<library::JobSummary> summary = latest_;
  if (!summary) return summary;
  const double age_s = std::chrono::duration<double>(Clock::now() - seen_).count();
  summary->wall_s += age_s;
  if (summary->left_s) summary->left_s = std::max(0.0, *summary->left_s - age_s);
  return summary;
}

void JobMonitor::show(const library::JobSummary& summary) const {
  const std::size_t through = summary.done + summary.failed + summary.elsewhere + summary.vanished;
  const double share = summary.open == 0 ? 1 : static_cast<double>(through) / static_cast<double>(summary.open);
  show_progress(share, fmt::format(" {}", library::progress_text(summary)));
}

void JobMonitor::write_status(const std::string& event, const library::JobSummary& summary) const {
  write_status(library::progress_json(event, summary));
}

void JobMonitor::write_status(const nlohmann::json& status) const {
  if (options_.status_file.empty()) return;
  base::AtomicFile file(options_.status_file);
  file.write(one_line(status));
  file.commit();
}

void JobMonitor::warn_once(const std::string& message) {
  if (!std::exchange(warned_, true)) print_error(message);
}

}  // namespace vivace::cli
