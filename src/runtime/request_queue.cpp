#include "runtime/request_queue.hpp"

#include <algorithm>
#include <utility>

namespace vivace::runtime {
namespace {

using Clock = Request::Clock;

bool goes_before(const Request& a, const Request& b) {
  if (a.options.priority != b.options.priority) return a.options.priority > b.options.priority;
  return a.came < b.came;
}

bool is_over(const Request& request, Clock::time_point now) {
  return request.options.stop.stop_requested() || (request.options.deadline && *request.options.deadline <= now);
}

std::size_t rows_of(const std::deque<Request>& group) {
  std::size_t rows = 0;
  for (const Request& request : group) rows += request.rows;
  return rows;
}

}  // namespace

std::optional<Request> RequestQueue::push(Request request) {
  std::unique_lock lock(mutex_);
  const auto may_enter = [&] { return closed_ || size_ < options_.capacity; };
  std::optional<Request> dropped;
  if (!may_enter()) {
    if (options_.when_full == WhenFull::reject) {
      throw Error(ErrorCode::resource_exhausted, "the queue is full; send fewer requests at a time");
    }
    if (options_.when_full == WhenFull::drop_oldest) {
      dropped = take_oldest();
    } else if (!wait_for_room(lock, request, may_enter)) {
      throw Error(ErrorCode::cancelled, "stopped, or past its deadline, while it waited for room in the queue");
    }
  }
  if (closed_) throw Error(ErrorCode::cancelled, "the engine has ended");
  Group& group = groups_[request.key];
  group.insert(std::upper_bound(group.begin(), group.end(), request, goes_before), std::move(request));
  ++size_;
  changed_.notify_all();
  return dropped;
}

std::vector<Request> RequestQueue::pop() {
  std::unique_lock lock(mutex_);
  while (true) {
    const Clock::time_point now = Clock::now();
    if (std::optional<Request> over = take_over(now)) {
      std::vector<Request> alone;
      alone.push_back(*std::move(over));
      return alone;
    }
    const Group* next = nullptr;
    Clock::time_point wake = Clock::time_point::max();
    for (const auto& [key, group] : groups_) {
      const Clock::time_point due = closed_ ? now : due_time(group);
      wake = std::min(wake, due);
      if (due <= now && (next == nullptr || goes_before(group.front(), next->front()))) next = &group;
    }
    if (next != nullptr) return take_run(next->front().key);
    if (closed_) return {};
    if (groups_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, wake);
    }
  }
}

void RequestQueue::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

std::size_t RequestQueue::size() const {
  const std::scoped_lock lock(mutex_);
  return size_;
}

/// False where the request's deadline passed, or it was stopped, before there was room.
bool RequestQueue::wait_for_room(std::unique_lock<std::mutex>& lock, const Request& request,
                                 const std::function<bool()>& may_enter) {
  if (!request.options.deadline) return changed_.wait(lock, request.options.stop, may_enter);
  return changed_.wait_until(lock, request.options.stop, *request.options.deadline, may_enter);
}

/// A request that has nothing to wait for any more.
std::optional<Request> RequestQueue::take_over(Clock::time_point now) {
  for (auto& [key, group] : groups_) {
    const auto found = std::find_if(group.begin(), group.end(), [&](const Request& r) { return is_over(r, now); });
    if (found != group.end()) return take(group, found);
  }
  return std::nullopt;
}

Request RequestQueue::take_oldest() {
  Group* group_of_oldest = nullptr;
  Group::iterator oldest;
  for (auto& [key, group] : groups_) {
    const auto first = std::min_element(group.begin(), group.end(),
                                        [](const Request& a, const Request& b) { return a.came < b.came; });
    if (group_of_oldest == nullptr || first->came < oldest->came) {
      group_of_oldest = &group;
      oldest = first;
    }
  }
  return take(*group_of_oldest, oldest);
}

std::vector<Request> RequestQueue::take_run(const std::string& key) {
  Group& group = groups_.at(key);
  const std::size_t most_rows = wanted_rows(group);
  std::vector<Request> run;
  std::size_t rows = 0;
  while (!group.empty() && (run.empty() || rows + group.front().rows <= most_rows)) {
    rows += group.front().rows;
    run.push_back(std::move(group.front()));
    group.pop_front();
  }
  size_ -= run.size();
  if (group.empty()) groups_.erase(run.front().key);
  changed_.notify_all();
  return run;
}

Request RequestQueue::take(Group& group, const Group::iterator& place) {
  Request request = std::move(*place);
  group.erase(place);
  if (group.empty()) groups_.erase(request.key);
  --size_;
  changed_.notify_all();
  return request;
}

/// When a run of the group is due: at once where it is full, else when its oldest request has waited long enough.
Clock::time_point RequestQueue::due_time(const Group& group) const {
  if (options_.max_delay.count() == 0 || rows_of(group) >= options_.max_rows) return Clock::time_point::min();
  Clock::time_point oldest = Clock::time_point::max();
  for (const Request& request : group) oldest = std::min(oldest, request.came);
  return oldest + options_.max_delay;
}

/// The most rows that the next run of a group is to have: the largest preferred number that is there, else all.
std::size_t RequestQueue::wanted_rows(const Group& group) const {
  const std::size_t present = std::min(rows_of(group), options_.max_rows);
  std::size_t wanted = 0;
  for (const std::size_t rows : options_.preferred_rows) {
    if (rows <= present) wanted = std::max(wanted, rows);
  }
  return wanted > 0 ? wanted : options_.max_rows;
}

}  // namespace vivace::runtime
