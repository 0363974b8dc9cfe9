#include "library/analyze_job.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include "base/machine.hpp"
#include "jobs/runner.hpp"
#include "library/root_watch.hpp"
#include "library/work_queue.hpp"

namespace vivace::library {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// What a worker brings back.
struct Finished {
  TrackOutcome outcome;
  std::vector<analyze::StageTime> times;
  std::optional<Error> error{};
  bool vanished = false;
  double busy_s = 0;
};

/// Throws where a track exceeds its limits.
class Limits {
 public:
  explicit Limits(const JobOptions& options) : options_(options) {}

  void check() const {
    if (options_.time_limit_s > 0 && seconds_since(start_) > options_.time_limit_s) {
      throw Error(ErrorCode::resource_exhausted,
                  fmt::format("took longer than the limit of {:g} s a track; raise --time-limit and use "
                              "--retry-failed",
                              options_.time_limit_s));
    }
    if (options_.memory_limit > 0 && base::resident_bytes() > options_.memory_limit) {
      throw Error(ErrorCode::resource_exhausted,
                  fmt::format("the process came to more than its limit of {} bytes; raise --memory-limit, lower "
                              "--threads, and use --retry-failed",
                              options_.memory_limit));
    }
  }

 private:
  const JobOptions& options_;
  Clock::time_point start_ = Clock::now();
};

/// Whether the file is still as it was when it was taken on.
bool is_unchanged(const TrackFile& file) {
  struct stat status {};
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return ::stat(file.path.c_str(), &status) == 0 && status.st_size == file.size &&
         status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec == file.mtime_ns;
}

/// A worker that is to work only a share of its time sleeps for the rest.
void rest_after(double busy_s, double share) {
  if (share < 1 && share > 0) std::this_thread::sleep_for(std::chrono::duration<double>(busy_s * (1 / share - 1)));
}

class Job {
 public:
  Job(Database& database, Results& results, const TrackAnalyst& analyst, const JobOptions& options,
      const JobObserver& observe)
      : analyst_(analyst),
        options_(options),
        observe_(observe),
        roots_(options.roots),
        queue_(database, results, 2 * options.workers) {}

  JobSummary run(const std::stop_token& stop) {
    summary_.open = queue_.open();
    notify(nullptr);
    jobs::Runner<Work, Finished> runner({options_.workers, jobs::ResultOrder::finished, 4 * options_.workers + 16});
    runner.run([&] { return queue_.take(stop); }, [&](Work& work) { return analyse(work); },
               [&](Finished&& finished) { account(std::move(finished)); }, stop);
    queue_.finish();
    summary_.interrupted = stop.stop_requested();
    return current_summary();
  }

 private:
  Finished analyse(const Work& work) {
    const auto start = Clock::now();
    Finished finished;
    finished.outcome.file = work.file;
    try {
      const Limits limits(options_);
      TrackFindings findings = analyst_(work.file.path, work.sets, [&] { limits.check(); });
      finished.outcome.properties = std::move(findings.properties);
      finished.outcome.sets = std::move(findings.sets);
      finished.times = std::move(findings.times);
    } catch (const Error& error) {
      fail(finished, work, error);
    } catch (const std::bad_alloc&) {
      fail(finished, work, Error(ErrorCode::resource_exhausted, "needs more memory than there is"));
    }
    if (!is_unchanged(work.file)) {
      roots_.require_all();
      finished.vanished = true;
    }
    finished.busy_s = seconds_since(start);
    rest_after(finished.busy_s, options_.max_cpu);
    return finished;
  }

  static void fail(Finished& finished, const Work& work, const Error& error) {
    for (const std::size_t set : work.sets) finished.outcome.sets.push_back({set, {}, 0, error});
    finished.error = error;
  }

  void account(Finished&& finished) {
    std::size_t failed_sets = 0;
    for (const SetOutcome& set : finished.outcome.sets) failed_sets += set.error ? 1 : 0;
    if (finished.vanished) {
      ++summary_.vanished;
    } else {
      ++(failed_sets > 0 ? summary_.failed : summary_.done);
    }
    for (const auto& [stage, seconds] : finished.times) summary_.stage_s[stage] += seconds;
    if (finished.outcome.properties) summary_.audio_s += finished.outcome.properties->duration_s;
    summary_.busy_s += finished.busy_s;
    const JobEvent event{finished.outcome, finished.error ? &*finished.error : nullptr,
                         finished.error ? 0 : failed_sets, finished.vanished, finished.busy_s};
    notify(&event);
    if (finished.vanished) return queue_.give_back(finished.outcome.file);
    queue_.put(std::move(finished.outcome));
  }

  void notify(const JobEvent* event) {
    if (observe_) observe_(event, current_summary());
  }

  const JobSummary& current_summary() {
    summary_.wall_s = seconds_since(start_);
    summary_.elsewhere = queue_.done_elsewhere();
    return summary_;
  }

  const TrackAnalyst& analyst_;
  const JobOptions& options_;
  const JobObserver& observe_;
  RootWatch roots_;
  Clock::time_point start_ = Clock::now();
  JobSummary summary_;
  WorkQueue queue_;
};

}  // namespace

JobSummary run_job(Database& database, Results& results, const TrackAnalyst& analyst, const JobOptions& options,
                   const JobObserver& observe, const std::stop_token& stop) {
  return Job(database, results, analyst, options, observe).run(stop);
}

}  // namespace vivace::library
