#include "library/analyze_job.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <chrono>
#include <exception>
#include <new>
#include <utility>

#include "base/log.hpp"
#include "jobs/runner.hpp"
#include "library/file_state.hpp"
#include "library/memory_share.hpp"
#include "library/root_watch.hpp"
#include "library/sidecar.hpp"
#include "library/time_left.hpp"
#include "library/work_queue.hpp"
#include "library/workers_clock.hpp"

namespace vivace::library {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// What a worker brings back.
struct Finished {
  Work work;
  TrackOutcome outcome;
  std::vector<analyze::StageTime> times;
  bool vanished = false;
  bool postponed = false;  // met the limit of memory while others were at work
  double busy_s = 0;
  double passed_s = 0;  // rests included
};

const Error* first_error(const TrackOutcome& outcome) {
  for (const SetOutcome& set : outcome.sets) {
    if (set.error) return &*set.error;
  }
  return nullptr;
}

class Job {
 public:
  Job(Database& database, Results& results, const TrackAnalyst& analyst, const JobOptions& options,
      const JobObserver& observe)
      : results_(results),
        analyst_(analyst),
        options_(options),
        observe_(observe),
        roots_(options.roots),
        queue_(database, results, 2 * options.workers,
               {[this](const TrackFile& file) { note_elsewhere(file); },
                [this](const TrackOutcome& outcome) { note_not_stored(outcome); }}) {}

  JobSummary run(const std::stop_token& stop) {
    summary_.workers = options_.workers;
    summary_.open = queue_.open().size();
    for (const OpenTrack& track : queue_.open()) left_.expect(track.kind, track.size);
    observe_(nullptr, current_summary());
    run_together(stop);
    run_alone(stop);
    queue_.finish();
    summary_.interrupted = stop.stop_requested() && (taken_ > settled_ || !queue_.is_through());
    return current_summary();
  }

 private:
  void run_together(const std::stop_token& stop) {
    jobs::Runner<Work, Finished> runner({options_.workers, jobs::ResultOrder::finished, 4 * options_.workers + 16});
    runner.run([&] { return take(stop); }, [&](Work& work) { return analyse_beside_others(std::move(work)); },
               [&](Finished&& finished) { account(std::move(finished)); }, stop);
  }

  /// Where it had to give way, the worker waits for room, so that the next track does not meet the limit too.
  Finished analyse_beside_others(Work work) {
    Finished finished = analyse(std::move(work), false);
    if (finished.postponed) memory_.wait_for_room();
    return finished;
  }

  void run_alone(const std::stop_token& stop) {
    for (Work& work : postponed_) {
      ::malloc_trim(0);
      stop.stop_requested() ? queue_.give_back(work.file) : account(analyse(std::move(work), true));
    }
    while (std::optional<Work> work = queue_.take_suspect(stop)) {
      ++taken_;
      account(analyse(*std::move(work), true));
    }
  }

  std::optional<Work> take(const std::stop_token& stop) {
    std::optional<Work> work = queue_.take(stop);
    taken_ += work ? 1 : 0;
    return work;
  }

  Finished analyse(Work work, bool alone) {
    const WorkersClock::Stretch stretch(clock_);
    const Clock::time_point start = Clock::now();
    Finished finished;
    finished.outcome.file = work.file;
    Checkpoint checkpoint(options_.limits, memory_);
    std::vector<analyze::Curve> curves;
    try {
      refuse_deadly(work);
      TrackFindings findings = analyst_(work.file.path, work.sets, [&] { checkpoint.pass(); });
      finished.outcome.properties = std::move(findings.properties);
      finished.outcome.sets = std::move(findings.sets);
      finished.times = std::move(findings.times);
      curves = std::move(findings.curves);
    } catch (const OutputFull&) {
      throw;
    } catch (const Error& error) {
      fail(finished, work, error);
      finished.postponed = checkpoint.out_of_memory() && !alone && options_.workers > 1;
    } catch (const std::bad_alloc&) {
      fail(finished, work, Error(ErrorCode::resource_exhausted, "needs more memory than there is"));
    } catch (const std::exception& exception) {
      fail(finished, work, Error(ErrorCode::internal, exception.what()));
    }
    if (!is_unchanged(work.file)) {
      roots_.require_all();
      finished.vanished = true;
    } else if (options_.curve_files && finished.outcome.properties) {
      options_.curve_files->write(work.file.path, curves);
    }
    finished.busy_s = checkpoint.worked_s();
    finished.passed_s = seconds_since(start);
    finished.work = std::move(work);
    return finished;
  }

  static void refuse_deadly(const Work& work) {
    if (work.deaths < WorkQueue::kMostDeaths) return;
    throw Error(ErrorCode::internal, fmt::format("the process died {} times while it was worked on; --retry-failed "
                                                 "tries it again",
                                                 work.deaths));
  }

  static void fail(Finished& finished, const Work& work, const Error& error) {
    for (const std::size_t set : work.sets) finished.outcome.sets.push_back({set, {}, 0, error});
  }

  void account(Finished&& finished) {
    if (finished.postponed) {
      postponed_.push_back(std::move(finished.work));
      return;
    }
    ++settled_;
    const Error* error = first_error(finished.outcome);
    add_to_summary(finished, error);
    const JobEvent event{finished.outcome, error, finished.vanished};
    observe_(&event, current_summary());
    if (finished.vanished) return queue_.give_back(finished.outcome.file);
    if (options_.sidecars && finished.outcome.properties) write_sidecar(finished.outcome, results_.sets());
    queue_.put(std::move(finished.outcome));
  }

  void add_to_summary(const Finished& finished, const Error* error) {
    const std::scoped_lock lock(mutex_);
    if (finished.vanished) {
      ++summary_.vanished;
    } else {
      ++(error != nullptr ? summary_.failed : summary_.done);
    }
    for (const auto& [stage, seconds] : finished.times) summary_.stage_s[stage] += seconds;
    if (const auto& properties = finished.outcome.properties) {
      summary_.audio_s += properties->duration_s;
      summary_.truncated += properties->truncated ? 1 : 0;
    }
    summary_.busy_s += finished.busy_s;
    left_.done(kind_of(finished.outcome.file.path), finished.outcome.file.size, finished.passed_s);
  }

  void note_elsewhere(const TrackFile& file) {
    const std::scoped_lock lock(mutex_);
    ++summary_.elsewhere;
    left_.done_elsewhere(kind_of(file.path), file.size);
  }

  /// A track that counts already: what another process found makes it one that has changed.
  void note_not_stored(const TrackOutcome& outcome) {
    base::log(base::LogLevel::warning,
              outcome.file.path.string() + ": was changed while it was read; the next run looks at it again");
    const std::scoped_lock lock(mutex_);
    --(first_error(outcome) != nullptr ? summary_.failed : summary_.done);
    ++summary_.vanished;
  }

  JobSummary current_summary() {
    const std::scoped_lock lock(mutex_);
    summary_.wall_s = seconds_since(start_);
    summary_.left_s = left_.seconds(summary_.wall_s, clock_.under_way_s());
    return summary_;
  }

  Results& results_;
  const TrackAnalyst& analyst_;
  const JobOptions& options_;
  const JobObserver& observe_;
  RootWatch roots_;
  MemoryShare memory_{options_.limits.memory_bytes};
  Clock::time_point start_ = Clock::now();
  WorkersClock clock_;
  std::mutex mutex_;  // of the next two
  TimeLeft left_;
  JobSummary summary_;
  std::vector<Work> postponed_;
  std::size_t taken_ = 0;
  std::size_t settled_ = 0;  // of those: there is a result, or they were given back as they changed
  WorkQueue queue_;
};

}  // namespace

JobSummary run_job(Database& database, Results& results, const TrackAnalyst& analyst, const JobOptions& options,
                   const JobObserver& observe, const std::stop_token& stop) {
  JobSummary summary = Job(database, results, analyst, options, observe).run(stop);
  if (!summary.interrupted) results.forget_reopened();
  return summary;
}

}  // namespace vivace::library
