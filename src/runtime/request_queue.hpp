#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "vivace/engine.hpp"

namespace vivace::runtime {

/// A request that waits for its run.
struct Request {
  using Clock = RequestOptions::Clock;

  Engine::Inputs inputs;  ///< in the order of the model's inputs
  RequestOptions options;
  Engine::Callback done;
  std::string key;       ///< requests with the same key may share a run
  std::size_t rows = 1;  ///< of the first axis
  Clock::time_point came;
};

struct QueueOptions {
  std::size_t capacity = 1024;
  WhenFull when_full = WhenFull::wait;
  std::size_t max_rows = 1;
  std::chrono::microseconds max_delay{0};
  std::vector<std::size_t> preferred_rows{};  ///< see EngineOptions::preferred_batches
};

/// Requests that wait, and the runs that they make. A run is due when requests of one key fill it, or when the first of
/// them has waited long enough; of the due ones the highest priority goes first, then the longest wait. Thread-safe.
class RequestQueue {
 public:
  explicit RequestQueue(const QueueOptions& options) : options_(options) {}

  /// Adds a request. Throws Error: resource_exhausted (full, and `reject`), cancelled (closed). Returns the request
  /// that had to make room.
  std::optional<Request> push(Request request);

  /// Waits for a run: requests of one key, with at most `max_rows` rows (or a single request with more). Empty: closed.
  /// Requests whose deadline has passed or that were stopped come one by one, to be answered so.
  std::vector<Request> pop();

  /// Lets `push` refuse and `pop` return what waits without delay, and then nothing.
  void close();

  std::size_t size() const;

 private:
  using Group = std::deque<Request>;  // of one key, the next to go in front
  using Clock = Request::Clock;

  bool wait_for_room(std::unique_lock<std::mutex>& lock, const Request& request,
                     const std::function<bool()>& may_enter);
  std::optional<Request> take_over(Clock::time_point now);
  Request take_oldest();
  std::vector<Request> take_run(const std::string& key);
  Request take(Group& group, const Group::iterator& place);
  Clock::time_point due_time(const Group& group) const;
  std::size_t wanted_rows(const Group& group) const;

  QueueOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Group> groups_;
  std::size_t size_ = 0;
  bool closed_ = false;
};

}  // namespace vivace::runtime
