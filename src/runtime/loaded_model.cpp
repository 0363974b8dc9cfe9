#include "runtime/loaded_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "base/current_error.hpp"
#include "base/files.hpp"
#include "base/machine.hpp"
#include "base/scheduling.hpp"
#include "base/thread_budget.hpp"
#include "runtime/graph_file.hpp"
#include "runtime/graph_size.hpp"
#include "runtime/isolation/isolation_options.hpp"
#include "runtime/placement.hpp"
#include "runtime/shared_session.hpp"

namespace vivace::runtime {
namespace {

using Clock = LoadedModel::Clock;

constexpr std::size_t kLargestQueue = 1'000'000;
constexpr std::chrono::hours kLongestDelay{1};

void require_between_one_and(std::size_t most, const char* name, std::size_t value) {
  if (value >= 1 && value <= most) return;
  throw Error(ErrorCode::invalid_argument, name, fmt::format("is {}; it must be 1 to {}", value, most));
}

TuneGoal goal_of(const ThreadOptions& threads) {
  return threads.plan == ThreadPlan::latency ? TuneGoal::latency : TuneGoal::throughput;
}

/// The threads as asked for; as tuned where all is left open.
ThreadOptions wanted_threads(const EngineOptions& options) {
  ThreadOptions threads = options.threads;
  if (threads.workers > 0 || threads.intra_op > 0) return threads;
  if (const auto tuned = tuned_setting(options.model, options.placement, goal_of(threads))) {
    threads.workers = tuned->workers;
    threads.intra_op = tuned->intra_op;
  }
  return threads;
}

/// Out of the budget; one worker at least for each worker process.
ThreadAllotment allotted(const EngineOptions& options, base::ThreadBudget& budget) {
  ThreadAllotment threads = allot(wanted_threads(options), budget);
  if (options.isolation.mode == Isolation::process) {
    threads.workers = std::max(threads.workers, checked(options.isolation).processes);
  }
  return threads;
}

void require_room(const EngineOptions& options, std::size_t bytes, const char* verb, const std::string& when) {
  if (bytes <= options.memory_limit_bytes) return;
  constexpr double kMegabyte = 1e6;
  throw Error(
      ErrorCode::resource_exhausted, options.model.string(),
      fmt::format("{} {:.1f} MB {}, memory_limit_bytes allows {:.1f} MB", verb, static_cast<double>(bytes) / kMegabyte,
                  when, static_cast<double>(options.memory_limit_bytes) / kMegabyte));
}

SessionOptions wanted_session(const EngineOptions& options, const ThreadAllotment& threads) {
  SessionOptions wanted;
  wanted.graph = options.model;
  wanted.placement = options.placement;
  wanted.intra_op_threads = static_cast<int>(threads.intra_op);
  wanted.spin = options.threads.spin;
  wanted.goal = goal_of(options.threads);
  wanted.arena_limit_bytes = options.arena_limit_bytes;
  const bool is_isolated = options.isolation.mode == Isolation::process;
  wanted.inherits_scheduling = !is_isolated && threads.intra_op > 1 && threads.scheduling != base::Scheduling();
  if (!is_isolated && !options.trace.empty()) wanted.profile = options.trace.string() + ".backend";
  return wanted;
}

/// Throws where a trace could not be written when the engine goes. A pipe is left alone: whoever reads it would see its
/// end.
void require_writable(const std::filesystem::path& trace) {
  std::error_code status;
  if (!trace.empty() && !std::filesystem::is_fifo(trace, status)) base::AtomicFile{trace};
}

/// Opens the session; where it has worker processes, `model` points to it.
void open(const EngineOptions& options, LoadedModel& model) {
  const SessionOptions wanted = wanted_session(options, model.threads);
  if (options.isolation.mode == Isolation::process) {
    auto session = std::make_shared<IsolatedSession>(wanted, options.isolation);
    model.isolated = session.get();
    model.session = std::move(session);
    return;
  }
  model.session = wanted.inherits_scheduling ? open_session(wanted) : open_shared_session(wanted);
}

/// Does so on a thread of its own, from which those of the session inherit their scheduling.
void open_with_scheduling(const EngineOptions& options, LoadedModel& model) {
  std::async(std::launch::async, [&] {
    base::apply(model.threads.scheduling);
    open(options, model);
  }).get();
}

/// Opens the session within the limit of memory: an estimate before it is loaded, what it took afterwards with what its
/// runs hold.
void open_within_limit(const EngineOptions& options, LoadedModel& model) {
  if (options.isolation.mode == Isolation::none) {
    require_room(options, estimated_bytes(options.model), "needs about", "to load");
  }
  const std::size_t before = base::resident_bytes();
  open_with_scheduling(options, model);
  const std::size_t after = base::resident_bytes();
  const std::size_t taken = after > before ? after - before : 0;
  const std::size_t runs = model.threads.workers * bytes_of_run(*model.session, options.max_batch);
  require_room(options, taken, "took", "when it was loaded");
  require_room(options, taken + runs, "needs about",
               fmt::format("with inputs and outputs of {} rows for {} runs at a time", options.max_batch,
                           model.threads.workers));
}

}  // namespace

const EngineOptions& checked(const EngineOptions& options) {
  require_between_one_and(EngineOptions::kMostRows, "max_batch", options.max_batch);
  require_between_one_and(kLargestQueue, "queue_capacity", options.queue_capacity);
  for (const std::size_t rows : options.preferred_batches) {
    require_between_one_and(options.max_batch, "preferred_batches", rows);
  }
  if (options.max_delay.count() < 0 || options.max_delay > kLongestDelay) {
    throw Error(ErrorCode::invalid_argument, "max_delay",
                fmt::format("is {} us; it must be 0 to 1 hour", options.max_delay.count()));
  }
  return options;
}

ThreadOptions settled_threads(const EngineOptions& options) {
  ThreadOptions threads = wanted_threads(options);
  base::ThreadBudget all_cores(base::ThreadBudget::of_process().cores());
  const ThreadAllotment allotment = allotted(options, all_cores);
  threads.workers = allotment.workers;
  threads.intra_op = allotment.intra_op;
  return threads;
}

LoadedModel load_model(const EngineOptions& options) {
  require_graph_file(options.model);
  require_writable(options.trace);
  const Clock::time_point start = Clock::now();
  LoadedModel model;
  model.threads = allotted(options, base::ThreadBudget::of_process());
  base::with_errors([&] {
    if (options.memory_limit_bytes > 0) return open_within_limit(options, model);
    open_with_scheduling(options, model);
  });
  model.loaded = Clock::now();
  model.load_s = std::chrono::duration<double>(model.loaded - start).count();
  return model;
}

}  // namespace vivace::runtime
