#include "runtime/request_queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace vivace::runtime {
namespace {

using Clock = Request::Clock;

constexpr std::size_t kMostIdleGroups = 64;
constexpr std::size_t kFewestRequests = 8;  // that a group has memory for
constexpr int kShareForWaking = 4;          // one part in so many of the time that a request was given
constexpr double kNewGap = 0.1;             // the weight of the newest gap in the smoothed one

bool goes_before(const Request& a, const Request& b) {
  if (a.priority != b.priority) return a.priority > b.priority;
  return a.came < b.came;
}

std::size_t rows_of(const std::vector<RequestPointer>& requests) {
  std::size_t rows = 0;
  for (const RequestPointer& request : requests) rows += request->rows;
  return rows;
}

Clock::duration seconds(double value) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(value));
}

}  // namespace

// Callbacks of stops take the mutex, so they are made and ended without it.

RequestPointer RequestQueue::push(RequestPointer& request) {
  if (request->stop.stop_possible()) {
    request->on_stop.emplace(request->stop, [this] {
      const std::scoped_lock lock(mutex_);
      work_.notify_one();
    });
  }
  try {
    RequestPointer dropped = push_watched(request);
    if (dropped != nullptr) dropped->on_stop.reset();
    return dropped;
  } catch (...) {
    request->on_stop.reset();
    throw;
  }
}

RequestPointer RequestQueue::push_watched(RequestPointer& request) {
  std::unique_lock lock(mutex_);
  const auto may_enter = [this] { return closed_ || size_ < options_.capacity; };
  if (!may_enter() && options_.when_full == WhenFull::reject) {
    throw Error(ErrorCode::resource_exhausted, "the queue is full; send fewer requests at a time");
  }
  if (options_.when_full != WhenFull::drop_oldest && !wait_for_room(lock, *request, std::cref(may_enter))) {
    throw Error(ErrorCode::cancelled, "stopped, or past its deadline, while it waited for room in the queue");
  }
  if (closed_) throw Error(ErrorCode::cancelled, "the engine has ended");
  Group& group = group_with_room(*request);
  RequestPointer dropped = may_enter() ? nullptr : take_oldest();
  enter(group, std::move(request));
  ++size_;
  work_.notify_one();
  return dropped;
}

void RequestQueue::pop(std::vector<RequestPointer>& run) {
  run.clear();
  fill(run);
  for (const RequestPointer& request : run) request->on_stop.reset();
}

void RequestQueue::fill(std::vector<RequestPointer>& run) {
  std::unique_lock lock(mutex_);
  while (true) {
    const Clock::time_point now = Clock::now();
    if (RequestPointer over = take_over(now)) {
      ++under_way_;
      run.push_back(std::move(over));
      return;
    }
    Group* next = nullptr;
    Clock::time_point wake = Clock::time_point::max();
    for (Group& group : groups_) {
      if (group.requests.empty()) continue;
      const Clock::time_point due = wait_limit(group, now);
      wake = std::min(wake, due);
      const bool first = next == nullptr || goes_before(*group.requests.front(), *next->requests.front());
      if (due <= now && first) next = &group;
    }
    if (next != nullptr) {
      ++under_way_;
      return take_run(*next, run);
    }
    if (closed_) return;
    if (wake == Clock::time_point::max()) {
      work_.wait(lock);
    } else {
      work_.wait_until(lock, wake);
    }
  }
}

void RequestQueue::end_run() {
  const std::scoped_lock lock(mutex_);
  --under_way_;
  if (size_ > 0) work_.notify_one();
}

void RequestQueue::look_again() {
  const std::scoped_lock lock(mutex_);
  work_.notify_all();
}

void RequestQueue::learn(std::size_t rows, double seconds) {
  if (options_.max_delay.count() == 0) return;
  const std::scoped_lock lock(mutex_);
  cost_.add(rows, seconds);
}

void RequestQueue::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  work_.notify_all();
  room_.notify_all();
}

std::size_t RequestQueue::size() const {
  const std::scoped_lock lock(mutex_);
  return size_;
}

/// False where the request's deadline passed, or it was stopped, before there was room.
bool RequestQueue::wait_for_room(std::unique_lock<std::mutex>& lock, const Request& request,
                                 const std::function<bool()>& may_enter) {
  if (may_enter()) return true;
  if (!request.deadline) return room_.wait(lock, request.stop, may_enter);
  return room_.wait_until(lock, request.stop, *request.deadline, may_enter);
}

/// The group with the request's key; takes the place of an idle one where there are many.
RequestQueue::Group& RequestQueue::group_of(const Request& request) {
  const auto found =
      std::find_if(groups_.begin(), groups_.end(), [&](const Group& group) { return group.key == request.key; });
  if (found != groups_.end()) return *found;
  const auto idle =
      groups_.size() < kMostIdleGroups
          ? groups_.end()
          : std::find_if(groups_.begin(), groups_.end(), [](const Group& group) { return group.requests.empty(); });
  Group& group = idle != groups_.end() ? *idle : groups_.emplace_back();
  group.key = request.key;
  group.gap_s = 0;
  group.last_came = {};
  return group;
}

/// The same with memory for one request more.
RequestQueue::Group& RequestQueue::group_with_room(const Request& request) {
  Group& group = group_of(request);
  const std::size_t count = group.requests.size();
  if (count == group.requests.capacity()) group.requests.reserve(std::max(2 * count, kFewestRequests));
  return group;
}

void RequestQueue::enter(Group& group, RequestPointer request) {
  if (group.last_came != Clock::time_point{}) {
    const double gap = std::chrono::duration<double>(request->came - group.last_came).count();
    group.gap_s = group.gap_s == 0 ? gap : group.gap_s + kNewGap * (gap - group.gap_s);
  }
  group.last_came = request->came;
  const auto place =
      std::upper_bound(group.requests.begin(), group.requests.end(), request,
                       [](const RequestPointer& a, const RequestPointer& b) { return goes_before(*a, *b); });
  group.requests.insert(place, std::move(request));
}

/// A request that has nothing to wait for any more.
RequestPointer RequestQueue::take_over(Clock::time_point now) {
  for (Group& group : groups_) {
    for (std::size_t i = 0; i < group.requests.size(); ++i) {
      if (is_over(*group.requests[i], now)) return take(group, i);
    }
  }
  return nullptr;
}

RequestPointer RequestQueue::take_oldest() {
  Group* group_of_oldest = nullptr;
  std::size_t oldest = 0;
  for (Group& group : groups_) {
    for (std::size_t i = 0; i < group.requests.size(); ++i) {
      if (group_of_oldest != nullptr && group.requests[i]->came >= group_of_oldest->requests[oldest]->came) continue;
      group_of_oldest = &group;
      oldest = i;
    }
  }
  return take(*group_of_oldest, oldest);
}

void RequestQueue::take_run(Group& group, std::vector<RequestPointer>& run) {
  const std::size_t wanted = wanted_rows(group);
  std::vector<RequestPointer>& waiting = group.requests;
  std::size_t count = 0;
  for (std::size_t rows = 0; count < waiting.size(); ++count) {
    rows += waiting[count]->rows;
    if (count > 0 && rows > wanted) break;
  }
  const auto end = waiting.begin() + static_cast<std::ptrdiff_t>(count);
  run.insert(run.end(), std::make_move_iterator(waiting.begin()), std::make_move_iterator(end));
  waiting.erase(waiting.begin(), end);
  size_ -= count;
  room_.notify_all();
  if (size_ > 0) work_.notify_one();
}

RequestPointer RequestQueue::take(Group& group, std::size_t place) {
  RequestPointer request = std::move(group.requests[place]);
  group.requests.erase(group.requests.begin() + static_cast<std::ptrdiff_t>(place));
  --size_;
  room_.notify_all();
  if (size_ > 0) work_.notify_one();
  return request;
}

/// Of a run; 1 where requests share none.
std::size_t RequestQueue::most_rows(const Group& group) const {
  return !options_.shares || options_.shares(*group.requests.front()) ? options_.max_rows : 1;
}

bool RequestQueue::is_full(const Group& group) const { return rows_of(group.requests) >= most_rows(group); }

/// Until when a group is left alone: until a run of it is due; while no further run may be under way, only until one of
/// its requests is over.
Clock::time_point RequestQueue::wait_limit(const Group& group, Clock::time_point now) const {
  if (closed_) return now;
  if (under_way_ < options_.runs || is_full(group)) return due_time(group, now);
  Clock::time_point limit = Clock::time_point::max();
  for (const RequestPointer& request : group.requests) limit = std::min(limit, request->deadline.value_or(limit));
  return limit;
}

/// When a run of the group is due: at once where it is full, else when its oldest request has waited long enough or a
/// deadline is near, or when no further one came in twice the usual time and waiting has stopped to pay.
Clock::time_point RequestQueue::due_time(const Group& group, Clock::time_point now) const {
  if (options_.max_delay.count() == 0 || is_full(group)) return now;
  const Clock::time_point latest = latest_begin(group);
  if (options_.window == BatchWindow::fixed) return latest;
  if (group.gap_s == 0 || !cost_.waiting_pays(rows_of(group.requests), group.gap_s)) return now;
  return std::min(latest, group.last_came + seconds(2 * group.gap_s));
}

/// When a run of the group must begin so that nothing in it waits for longer than it may, and all is answered by its
/// deadline as far as the cost of runs is known. Of the time up to a deadline some is left for waking up.
Clock::time_point RequestQueue::latest_begin(const Group& group) const {
  const auto rows = static_cast<double>(rows_of(group.requests));
  const Clock::duration cost = seconds(cost_.fixed_s() + cost_.per_row_s() * rows);
  Clock::time_point latest = Clock::time_point::max();
  for (const RequestPointer& request : group.requests) {
    latest = std::min(latest, request->came + options_.max_delay);
    if (!request->deadline) continue;
    latest = std::min(latest, *request->deadline - cost - (*request->deadline - request->came) / kShareForWaking);
  }
  return latest;
}

/// The most rows that the next run of a group is to have: the largest preferred number that is there, else all.
std::size_t RequestQueue::wanted_rows(const Group& group) const {
  const std::size_t most = most_rows(group);
  const std::size_t present = std::min(rows_of(group.requests), most);
  std::size_t wanted = 0;
  for (const std::size_t rows : options_.preferred_rows) {
    if (rows <= present) wanted = std::max(wanted, rows);
  }
  return wanted > 0 ? wanted : most;
}

}  // namespace vivace::runtime
