#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "vivace/engine.hpp"

namespace vivace::runtime {

/// What requests must have in common to share a run: the shapes of their inputs but for the first axis, and the outputs
/// that they want.
using RunKey = std::vector<std::int64_t>;

/// A request on its way through an engine. Objects are used again, so that their vectors need no new memory.
struct Request {
  using Clock = RequestOptions::Clock;
  /// Takes the failure; nothing where the prediction is filled in. `owned` is what was in `owned_prediction`, since the
  /// request may be another's by then.
  using Done = std::function<void(Prediction owned, std::optional<Error> error)>;

  Engine::Inputs owned_inputs{};  ///< where the caller does not wait for the answer
  std::vector<const Tensor*>
      inputs{};  ///< in the order of the model's, in `owned_inputs` or the waiting caller's memory
  std::vector<std::size_t> outputs{};  ///< which of the model's, in the order of the answer
  RunKey key{};
  std::size_t rows = 1;  ///< of the first axis
  int priority = 0;
  std::optional<Clock::time_point> deadline{};
  std::stop_token stop{};
  Clock::time_point came{};
  Prediction owned_prediction{};
  Prediction* prediction = nullptr;  ///< `owned_prediction` or the waiting caller's
  bool in_place = false;             ///< whether outputs are computed in the memory of the prediction's
  Done done{};
  std::optional<std::stop_callback<std::function<void()>>> on_stop{};  ///< of the queue that it waits in
};

using RequestPointer = std::unique_ptr<Request>;

/// Whether a request was stopped, or its deadline has passed.
bool is_over(const Request& request, Request::Clock::time_point now);

/// Why a request has nothing to run for any more; nothing where it has.
std::optional<Error> end_of(const Request& request, Request::Clock::time_point now);

/// Throws that of the first request that has one.
void require_wanted(std::span<const RequestPointer> requests, Request::Clock::time_point now);

std::optional<Request::Clock::time_point> nearest_deadline(std::span<const RequestPointer> requests);

/// Strings count nothing.
std::size_t bytes_of_inputs(std::span<const RequestPointer> requests);

}  // namespace vivace::runtime
