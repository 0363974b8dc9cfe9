#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "runtime/batch_window.hpp"
#include "runtime/request.hpp"

namespace vivace::runtime {

struct QueueOptions {
  std::size_t capacity = 1024;
  WhenFull when_full = WhenFull::wait;
  std::size_t max_rows = 1;
  std::chrono::microseconds max_delay{0};
  BatchWindow window = BatchWindow::fixed;
  std::vector<std::size_t> preferred_rows{};  ///< see EngineOptions::preferred_batches
  /// Runs that may be under way at a time; while so many are, only full runs are due, which no request could join.
  std::size_t runs = 1024;
  /// Whether a request may share a run; empty: all may. Throws nothing. After its answers changed, `look_again`.
  std::function<bool(const Request&)> shares{};
};

/// Requests that wait, and the runs that they make. A run is due when requests of one key fill it, when waiting for
/// more no longer pays (see BatchWindow), or when a request in it would otherwise miss its deadline; of the due ones
/// the highest priority goes first, then the longest wait. Thread-safe. Where keys come again it allocates nothing.
class RequestQueue {
 public:
  explicit RequestQueue(const QueueOptions& options) : options_(options) {}

  /// Adds a request. Throws Error: resource_exhausted (full, and `reject`), cancelled (closed, or over before there was
  /// room), and std::bad_alloc; then `request` still holds it, and nothing was dropped. Returns the request that had to
  /// make room, or null.
  RequestPointer push(RequestPointer& request);

  /// Waits for a run and fills it into `run`: requests of one key, with at most `max_rows` rows (or a single request
  /// with more). Empty: closed. Requests whose deadline has passed or that were stopped come at once and one by one, to
  /// be answered so. Throws nothing where `run` has the capacity for `max_rows` requests.
  void pop(std::vector<RequestPointer>& run);

  /// Ends what the last `pop` of this thread began: its run is not under way any more.
  void end_run();

  /// Lets requests that wait and may share no run any more be given out at once.
  void look_again();

  /// Tells what a run took, for the predictive window and for deadlines.
  void learn(std::size_t rows, double seconds);

  /// Lets `push` refuse and `pop` give what waits without delay, and then nothing.
  void close();

  std::size_t size() const;

 private:
  using Clock = Request::Clock;

  /// Requests of one key, the next to go in front.
  struct Group {
    RunKey key{};
    std::vector<RequestPointer> requests{};
    Clock::time_point last_came{};
    double gap_s = 0;  // between requests, smoothed; 0: not known
  };

  RequestPointer push_watched(RequestPointer& request);
  void fill(std::vector<RequestPointer>& run);
  bool wait_for_room(std::unique_lock<std::mutex>& lock, const Request& request,
                     const std::function<bool()>& may_enter);
  Group& group_of(const Request& request);
  Group& group_with_room(const Request& request);
  static void enter(Group& group, RequestPointer request);
  RequestPointer take_over(Clock::time_point now);
  RequestPointer take_oldest();
  void take_run(Group& group, std::vector<RequestPointer>& run);
  RequestPointer take(Group& group, std::size_t place);
  std::size_t most_rows(const Group& group) const;
  bool is_full(const Group& group) const;
  Clock::time_point due_time(const Group& group, Clock::time_point now) const;
  Clock::time_point wait_limit(const Group& group, Clock::time_point now) const;
  Clock::time_point latest_begin(const Group& group) const;
  std::size_t wanted_rows(const Group& group) const;

  QueueOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable work_;      // for `pop`: another request, or the end
  std::condition_variable_any room_;  // for `push`: fewer requests, or the end
  std::vector<Group> groups_;         // some without requests, kept for their memory and their gap
  RunCost cost_;
  std::size_t size_ = 0;
  std::size_t under_way_ = 0;  // runs that were popped and have not ended
  bool closed_ = false;
};

}  // namespace vivace::runtime
