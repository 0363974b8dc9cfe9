#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "runtime/isolation/worker_group.hpp"
#include "runtime/session.hpp"
#include "vivace/isolation.hpp"

namespace vivace::runtime {

/// A graph that is run in worker processes. Runs throw what they would throw in this process, and Error(unavailable)
/// where the worker ends before it has answered, or where workers crash in a loop. As many runs as there are processes
/// are under way at a time; others wait.
class IsolatedSession : public Session {
 public:
  using Clock = std::chrono::steady_clock;

  /// Starts the workers. Throws Error: invalid_argument (options out of range), not_found (the worker program),
  /// resource_exhausted, unavailable (a worker ends while it loads), and what `open_session` throws.
  IsolatedSession(const SessionOptions& options, const IsolationOptions& isolation);

  const std::vector<TensorInfo>& inputs() const override { return workers_->model().inputs; }
  const std::vector<TensorInfo>& outputs() const override { return workers_->model().outputs; }
  const std::string& placement() const override { return workers_->model().placement; }

  void run(std::span<const InputTensor> inputs, std::span<const OutputTensor> outputs) const override;

  /// Large outputs stay in the memory that is shared with the worker, until their last copy is gone. A run that goes on
  /// for longer than `stop_grace` after it was stopped loses its worker, which is replaced.
  std::vector<Tensor> run(std::span<const NamedTensor> inputs, std::span<const std::string> outputs,
                          const std::stop_token& stop) const override;
  std::vector<ProviderNodes> nodes() const override;
  /// That of all workers after their last runs.
  BackendMemory memory() const override { return workers_->memory(); }
  /// Of every worker.
  void shrink_after_next_run() const override { workers_->shrink(); }

  /// Fails what waits for a worker, now and later, with cancelled. Runs under way go on for `stop_grace` at most, and
  /// then fail with unavailable.
  void close() { workers_->close(); }

  /// How often a worker was started again.
  std::uint64_t restarts() const { return workers_->restarts(); }
  /// The processes that are ready or run something.
  std::vector<pid_t> process_ids() const { return workers_->process_ids(); }

 private:
  friend class LeasedSession;

  std::string path_;
  std::unique_ptr<WorkerGroup> workers_;
};

/// An isolated session, which must outlive it, whose runs share one worker, taken at construction and lent until the
/// end. Where the worker ends between runs, the next run takes another. For one thread at a time.
class LeasedSession : public Session {
 public:
  /// Waits for a free worker no longer than `patience` lets it. Throws Error: cancelled (stop, none is free by the
  /// deadline, or closed), unavailable (workers crash in a loop).
  LeasedSession(const IsolatedSession& session, Patience patience);

  const std::vector<TensorInfo>& inputs() const override { return session_.inputs(); }
  const std::vector<TensorInfo>& outputs() const override { return session_.outputs(); }
  const std::string& placement() const override { return session_.placement(); }
  /// Runs throw also what the constructor throws.
  void run(std::span<const InputTensor> inputs, std::span<const OutputTensor> outputs) const override;
  std::vector<Tensor> run(std::span<const NamedTensor> inputs, std::span<const std::string> outputs,
                          const std::stop_token& stop) const override;
  std::vector<ProviderNodes> nodes() const override;

 private:
  WorkerGroup::Lease& worker() const;

  const IsolatedSession& session_;
  Patience patience_;
  mutable std::optional<WorkerGroup::Lease> worker_;
};

}  // namespace vivace::runtime
