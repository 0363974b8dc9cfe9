#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "runtime/isolation/crash_guard.hpp"
#include "runtime/isolation/message.hpp"
#include "runtime/isolation/shared_region.hpp"
#include "runtime/isolation/worker_process.hpp"
#include "vivace/isolation.hpp"

namespace vivace::runtime {

/// A worker process with what it shares with this one. Used by one thread at a time.
struct Worker {
  explicit Worker(const std::filesystem::path& program) : process(program) {}

  WorkerProcess process;
  std::shared_ptr<RegionPool> regions = std::make_shared<RegionPool>();
  std::uint64_t last_run = 0;
  std::size_t output_bytes = 0;  ///< that its last run took
  std::uint64_t shrinks = 0;     ///< calls of WorkerGroup::shrink that it was lent after
  bool shrinks_now = false;      ///< whether its next run gives back memory
  BackendMemory memory{};        ///< after its last run
};

/// What ends the wait for a worker.
struct Patience {
  std::stop_token stop{};
  std::optional<std::chrono::steady_clock::time_point> deadline{};
};

/// Keeps a number of worker processes alive, each with the model loaded, and lends them out. A thread a worker starts
/// it, passes its output to the log, and starts it again when it ends. Safe from many threads.
class WorkerGroup {
 private:
  struct Slot;

 public:
  using Clock = std::chrono::steady_clock;

  /// A worker that is lent to one thread, for one run after the other. At its end the worker is free for others; where
  /// `answered` was not called after the last `told`, it is replaced, since nobody knows what it is at.
  class Lease {
   public:
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    Worker& operator*() const { return *worker_; }
    Worker* operator->() const { return worker_.get(); }

    void told() {
      told_ = true;
      answered_ = false;
    }
    void answered() { answered_ = true; }

    /// Kills the worker where it has not ended, waits until it has, and tells how it ended and what to do. The lease is
    /// over then, and nothing but `is_over` may be called.
    std::string end();
    /// The same for a worker that works but is not wanted any longer: that is no crash.
    void replace();
    bool is_over() const { return group_ == nullptr; }

   private:
    friend class WorkerGroup;
    Lease(WorkerGroup& group, Slot& slot) : group_(&group), slot_(&slot), worker_(slot.worker) {}
    std::unique_lock<std::mutex> ended();

    WorkerGroup* group_;
    Slot* slot_;
    std::shared_ptr<Worker> worker_;
    bool told_ = false;
    bool answered_ = false;
  };

  /// Starts the workers and waits until all have loaded the model. `load` is what they are told, but for the cores;
  /// `options` are checked. Throws the error of the first that fails to load.
  WorkerGroup(Load load, const IsolationOptions& options);
  WorkerGroup(const WorkerGroup&) = delete;
  WorkerGroup& operator=(const WorkerGroup&) = delete;
  /// Ends the workers. Nothing may be lent.
  ~WorkerGroup();

  const IsolationOptions& options() const { return options_; }

  /// What the workers say of the model.
  const Loaded& model() const { return model_; }

  /// Waits for a free worker and takes it. Throws Error: cancelled (stop, deadline, closed), unavailable (the workers
  /// crash in a loop).
  Lease take(const Patience& patience);

  /// Ends all waiting for workers, now and later, and starts none any more. Waits until none is lent, at most for
  /// `stop_grace`; then those that still are get killed.
  void close();

  /// Lets the next run of every worker give back the memory that it does not need itself.
  void shrink();
  /// That of all workers together, those that have ended among them for the number of allocations.
  BackendMemory memory() const;
  std::uint64_t restarts() const;
  /// The processes that have loaded the model and have not ended, as far as is known.
  std::vector<pid_t> process_ids() const;

 private:
  enum class State { down, idle, busy };
  struct Slot {
    std::size_t number = 0;
    State state = State::down;
    std::shared_ptr<Worker> worker;  // the process that lives, also while it loads
    std::uint64_t starts = 0;        // processes that have loaded the model
    std::string how_it_ended;        // the last process
    std::size_t crashes = 0;         // in a row
    BackendMemory memory{};          // of the process, after its last run
    bool replaced = false;           // the end of the process is wanted
    std::optional<Error> refusal;    // why the first process did not load the model
    std::jthread keeper;
  };

  void keep(Slot& slot);
  void serve_once(Slot& slot);
  Loaded load(const Slot& slot, Worker& worker) const;
  bool wait_for_turn(const Slot& slot);
  void count_failed_start(Slot& slot, const Error& error);
  void count_end(Slot& slot, const std::string& how);
  void wait_until_started();
  void end_all();
  Slot* idle_slot();
  void end_starts();
  Slot& wait_for_slot(std::unique_lock<std::mutex>& lock, const Patience& patience);
  void give_back(Slot& slot, const Worker& worker, bool answered);

  const Load load_;
  const IsolationOptions options_;
  const std::filesystem::path program_;
  Loaded model_;
  mutable std::mutex mutex_;
  std::condition_variable_any free_;     // a worker is idle, or requests are refused
  std::condition_variable_any changed_;  // a process has started or ended, or all are to end
  CrashGuard guard_;
  bool ending_ = false;
  std::uint64_t past_allocations_ = 0;  // of processes that have ended
  std::uint64_t shrinks_ = 0;           // calls of `shrink`
  std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace vivace::runtime
