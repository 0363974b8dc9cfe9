#include "runtime/isolation/isolated_session.hpp"

#include <filesystem>
#include <utility>

#include "runtime/isolation/exchange.hpp"
#include "runtime/isolation/isolation_options.hpp"
#include "vivace/version.hpp"

namespace vivace::runtime {
namespace {

Load load_of(const SessionOptions& options, const IsolationOptions& isolation) {
  return {version(), std::filesystem::current_path(), options, {}, isolation.memory_limit_bytes, isolation.nice};
}

}  // namespace

IsolatedSession::IsolatedSession(const SessionOptions& options, const IsolationOptions& isolation)
    : path_(options.graph.string()),
      workers_(std::make_unique<WorkerGroup>(load_of(options, isolation), checked(isolation))) {}

void IsolatedSession::run(std::span<const InputTensor> inputs, std::span<const OutputTensor> outputs) const {
  run(inputs, outputs, Patience());
}

std::vector<Tensor> IsolatedSession::run(std::span<const NamedTensor> inputs, std::span<const std::string> outputs,
                                         const std::stop_token& stop) const {
  return run(inputs, outputs, stop, {.stop = stop});
}

void IsolatedSession::run(std::span<const InputTensor> inputs, std::span<const OutputTensor> outputs,
                          const Patience& patience) const {
  while (!Exchange(path_, workers_->options(), workers_->take(patience)).run(inputs, outputs)) continue;
}

std::vector<Tensor> IsolatedSession::run(std::span<const NamedTensor> inputs, std::span<const std::string> outputs,
                                         const std::stop_token& stop, const Patience& patience) const {
  while (true) {
    auto answer = Exchange(path_, workers_->options(), workers_->take(patience)).run(inputs, outputs, stop);
    if (answer) return std::move(*answer);
  }
}

std::vector<ProviderNodes> IsolatedSession::nodes() const {
  while (true) {
    auto answer = Exchange(path_, workers_->options(), workers_->take({})).nodes();
    if (answer) return std::move(*answer);
  }
}

}  // namespace vivace::runtime
