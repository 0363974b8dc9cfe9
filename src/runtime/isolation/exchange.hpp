#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "runtime/isolation/worker_group.hpp"
#include "runtime/session.hpp"

namespace vivace::runtime {

/// One run on a worker that is lent: what it is told, and its answer. Whatever a run throws, the worker can be told the
/// next one, or the lease is over.
class Exchange {
 public:
  /// `path` names the model in errors; all must outlive this.
  Exchange(const std::string& path, const IsolationOptions& options, WorkerGroup::Lease& worker)
      : path_(path), options_(options), worker_(worker) {}

  /// Nothing where the worker had ended before it was told, so that another one can be asked: the lease is over.
  std::optional<std::vector<Tensor>> run(std::span<const NamedTensor> inputs, std::span<const std::string> outputs,
                                         const std::stop_token& stop);
  /// The same; false for nothing.
  bool run(std::span<const InputTensor> inputs, std::span<const OutputTensor> outputs);
  /// The nodes of the graph; nothing as above.
  std::optional<std::vector<ProviderNodes>> nodes();

 private:
  bool tell(RunRequest run, const RegionPool::Lease& input, const RegionPool::Lease& output);
  Done answer(const std::stop_token& stop);
  FromWorker next_answer(const std::stop_token& stop);
  FromWorker next_message(const std::stop_token& stop);
  FromWorker received();
  void make_room(const NeedsRoom& needs);
  std::vector<Tensor> taken(const Done& done, std::span<const std::string> names);
  [[noreturn]] void fail_ended();
  [[noreturn]] void fail_nonsense(const std::string& problem);
  [[noreturn]] void fail_stopped();
  [[noreturn]] void fail_too_large(std::uint64_t bytes);

  const std::string& path_;
  const IsolationOptions& options_;
  WorkerGroup::Lease& worker_;
  RegionPool::Lease output_;
  bool was_given_room_ = false;
  std::optional<WorkerGroup::Clock::time_point> kill_at_;  // of a run that was stopped
};

}  // namespace vivace::runtime
