#include "runtime/isolation/isolated_session.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "runtime/isolation/exchange.hpp"
#include "runtime/isolation/isolation_options.hpp"
#include "vivace/version.hpp"

namespace vivace::runtime {
namespace {

std::filesystem::path working_folder() {
  std::error_code status;
  std::filesystem::path folder = std::filesystem::current_path(status);
  if (!status) return folder;
  throw Error(ErrorCode::not_found, "working folder",
              fmt::format("is not there for worker processes to start in: {}", status.message()));
}

Load load_of(const SessionOptions& options, const IsolationOptions& isolation) {
  return {version(), working_folder(), options, {}, isolation.memory_limit_bytes, isolation.nice};
}

}  // namespace

IsolatedSession::IsolatedSession(const SessionOptions& options, const IsolationOptions& isolation)
    : path_(options.graph.string()),
      workers_(std::make_unique<WorkerGroup>(load_of(options, isolation), checked(isolation))) {}

void IsolatedSession::run(std::span<const InputTensor> inputs, std::span<const OutputTensor> outputs) const {
  LeasedSession(*this, {}).run(inputs, outputs);
}

std::vector<Tensor> IsolatedSession::run(std::span<const NamedTensor> inputs, std::span<const std::string> outputs,
                                         const std::stop_token& stop) const {
  return LeasedSession(*this, {.stop = stop}).run(inputs, outputs, stop);
}

std::vector<ProviderNodes> IsolatedSession::nodes() const { return LeasedSession(*this, {}).nodes(); }

LeasedSession::LeasedSession(const IsolatedSession& session, Patience patience)
    : session_(session), patience_(std::move(patience)), worker_(session.workers_->take(patience_)) {}

void LeasedSession::run(std::span<const InputTensor> inputs, std::span<const OutputTensor> outputs) const {
  while (!Exchange(session_.path_, session_.workers_->options(), worker()).run(inputs, outputs)) continue;
}

std::vector<Tensor> LeasedSession::run(std::span<const NamedTensor> inputs, std::span<const std::string> outputs,
                                       const std::stop_token& stop) const {
  while (true) {
    auto answer = Exchange(session_.path_, session_.workers_->options(), worker()).run(inputs, outputs, stop);
    if (answer) return std::move(*answer);
  }
}

std::vector<ProviderNodes> LeasedSession::nodes() const {
  while (true) {
    auto answer = Exchange(session_.path_, session_.workers_->options(), worker()).nodes();
    if (answer) return std::move(*answer);
  }
}

/// The worker that is lent, or another one where that has ended.
WorkerGroup::Lease& LeasedSession::worker() const {
  if (worker_->is_over()) worker_.emplace(session_.workers_->take(patience_));
  return *worker_;
}

}  // namespace vivace::runtime
