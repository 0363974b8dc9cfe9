#include "runtime/request.hpp"

namespace vivace::runtime {

bool is_over(const Request& request, Request::Clock::time_point now) {
  return request.stop.stop_requested() || (request.deadline && *request.deadline <= now);
}

std::optional<Error> end_of(const Request& request, Request::Clock::time_point now) {
  if (!is_over(request, now)) return std::nullopt;
  const bool stopped = request.stop.stop_requested();
  return Error(ErrorCode::cancelled, stopped ? "stopped before it ran" : "its deadline passed before it ran");
}

void require_wanted(std::span<const RequestPointer> requests, Request::Clock::time_point now) {
  for (const RequestPointer& request : requests) {
    if (const auto end = end_of(*request, now)) throw Error(*end);
  }
}

std::optional<Request::Clock::time_point> nearest_deadline(std::span<const RequestPointer> requests) {
  std::optional<Request::Clock::time_point> nearest;
  for (const RequestPointer& request : requests) {
    if (request->deadline && (!nearest || *request->deadline < *nearest)) nearest = request->deadline;
  }
  return nearest;
}

std::size_t bytes_of_inputs(std::span<const RequestPointer> requests) {
  std::size_t bytes = 0;
  for (const RequestPointer& request : requests) {
    for (const Tensor* input : request->inputs) bytes += input->size() * element_bytes(input->type());
  }
  return bytes;
}

}  // namespace vivace::runtime
