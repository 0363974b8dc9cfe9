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

  /// Waits until a worker is free. Throws Error: cancelled (stop, or none is free by the deadline), unavailable
  /// (workers crash in a loop).
  void wait_for_worker(const std::stop_token& stop, std::optional<Clock::time_point> deadline) const {
    workers_->wait(stop, deadline);
  }

  /// How often a worker was started again.
  std::uint64_t restarts() const { return workers_->restarts(); }
  /// The processes that are ready or run something.
  std::vector<pid_t> process_ids() const { return workers_->process_ids(); }

 private:
  std::string path_;
  std::chrono::milliseconds stop_grace_;
  std::unique_ptr<WorkerGroup> workers_;
};

}  // namespace vivace::runtime
