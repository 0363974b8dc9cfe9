#include "bench/load.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "bench/load_recorder.hpp"
#include "bench/punctual_thread.hpp"
#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

constexpr std::size_t kReserve = 4;    // senders that shall wait while others send
constexpr double kStopInterval = 0.1;  // how often a waiting sender looks whether it shall stop, seconds

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// The state that the callers of a closed load share.
struct ClosedRun {
  Target& target;
  const ClosedLoad& load;
  std::stop_token stop;
  std::atomic<std::size_t> next = 0;

  void call(LoadRecorder& recorder, std::uint32_t caller) {
    while (!stop.stop_requested()) {
      const std::size_t index = next.fetch_add(1, std::memory_order_relaxed);
      const double now = recorder.now();
      if (index >= load.most_requests || now >= load.limit_s) return;
      if (index >= load.least_requests && now >= load.duration_s) return;
      recorder.send(index, load.samples, -1, caller);
    }
  }
};

/// Sends arrivals from as many threads as it takes for one to be free when the next is due.
class OpenRun {
 public:
  OpenRun(Target& target, const OpenLoad& load, Clock& clock, std::stop_token stop)
      : target_(target), load_(load), clock_(clock), stop_(std::move(stop)), begin_(clock.now()) {}

  Measurement run() {
    const std::size_t first = std::clamp<std::size_t>(load_.first_senders, 1, load_.most_senders);
    while (senders_.size() < first && start_sender()) continue;
    grow_until_done();
    senders_.clear();
    Measurement measured = LoadRecorder::merge(
        target_, {std::make_move_iterator(recorders_.begin()), std::make_move_iterator(recorders_.end())});
    if (!stop_.stop_requested()) measured.duration_s = std::max(measured.duration_s, load_.duration_s);
    return measured;
  }

 private:
  /// False where the system gives no more threads.
  bool start_sender() {
    LoadRecorder& recorder = recorders_.emplace_back(target_, clock_, begin_);
    {
      const std::scoped_lock lock(mutex_);
      ++running_;
    }
    try {
      senders_.emplace_back([this, &recorder] { send_all(recorder); });
      return true;
    } catch (const std::system_error& error) {
      const std::scoped_lock lock(mutex_);
      --running_;
      if (senders_.empty()) throw Error(ErrorCode::resource_exhausted, "no thread could be started", error.what());
      return false;
    }
  }

  void grow_until_done() {
    std::unique_lock lock(mutex_);
    while (running_ > 0) {
      changed_.wait(lock, [&] { return growth_wanted_ || running_ == 0; });
      growth_wanted_ = false;
      if (running_ == 0 || senders_.size() >= load_.most_senders) continue;
      lock.unlock();
      start_sender();
      lock.lock();
    }
  }

  void send_all(LoadRecorder& recorder) {
    make_thread_punctual();
    while (true) {
      const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
      if (index >= load_.arrivals.size() || !wait_for(load_.arrivals[index].time_s)) break;
      if (recorder.now() > load_.duration_s + load_.patience_s) {
        recorder.give_up();
        continue;
      }
      recorder.send(index, 1, load_.arrivals[index].time_s, load_.arrivals[index].stream);
    }
    const std::scoped_lock lock(mutex_);
    --running_;
    changed_.notify_one();
  }

  /// Waits until a request is due; false where the load was stopped. Calls for another sender where it leaves too few
  /// behind that wait.
  bool wait_for(double time) {
    waiting_.fetch_add(1);
    const double due = begin_ + time;
    while (!stop_.stop_requested() && clock_.now() < due) {
      clock_.wait_until(std::min(due, clock_.now() + kStopInterval));
    }
    if (waiting_.fetch_sub(1) <= kReserve && next_.load() < load_.arrivals.size()) {
      const std::scoped_lock lock(mutex_);
      growth_wanted_ = true;
      changed_.notify_one();
    }
    return !stop_.stop_requested();
  }

  Target& target_;
  const OpenLoad& load_;
  Clock& clock_;
  std::stop_token stop_;
  double begin_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> waiting_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t running_ = 0;
  bool growth_wanted_ = false;
  std::deque<LoadRecorder> recorders_;  // whose elements stay where they are
  std::vector<std::jthread> senders_;
};

}  // namespace

void append(Measurement& whole, Measurement part) {
  for (Sample& sample : part.samples) {
    sample.intended_s += whole.duration_s;
    sample.sent_s += whole.duration_s;
    sample.done_s += whole.duration_s;
  }
  whole.samples.insert(whole.samples.end(), part.samples.begin(), part.samples.end());
  if (whole.begin_unix_s == 0) whole.begin_unix_s = part.begin_unix_s;
  whole.duration_s += part.duration_s;
  for (const auto& [stage, seconds] : part.stage_s) whole.stage_s[stage] += seconds;
  whole.audio_s += part.audio_s;
  whole.cpu_s += part.cpu_s;
  whole.unsent += part.unsent;
  if (whole.first_failure.empty()) whole.first_failure = std::move(part.first_failure);
  whole.ended_full = whole.ended_full || part.ended_full;
  whole.peak_resident_bytes = std::max(whole.peak_resident_bytes, part.peak_resident_bytes);
}

Measurement run_closed(Target& target, const ClosedLoad& load, Clock& clock, const std::stop_token& stop) {
  const double cpu_before = processor_seconds();
  const double began = unix_seconds();
  std::vector<LoadRecorder> recorders(load.callers, LoadRecorder(target, clock, clock.now()));
  ClosedRun run{target, load, stop};
  {
    std::vector<std::jthread> others;
    try {
      for (std::size_t i = 1; i < load.callers; ++i) {
        others.emplace_back([&, i] { run.call(recorders[i], static_cast<std::uint32_t>(i)); });
      }
    } catch (const std::system_error& error) {
      run.next = load.most_requests;
      throw Error(ErrorCode::resource_exhausted, "callers", std::string("no more threads: ") + error.what());
    }
    run.call(recorders.front(), 0);
  }
  Measurement measured = LoadRecorder::merge(target, std::move(recorders));
  measured.cpu_s = processor_seconds() - cpu_before;
  measured.begin_unix_s = began;
  measured.ended_full = measured.samples.size() >= load.most_requests;
  return measured;
}

Measurement run_open(Target& target, const OpenLoad& load, Clock& clock, const std::stop_token& stop) {
  const double cpu_before = processor_seconds();
  const double began = unix_seconds();
  Measurement measured = OpenRun(target, load, clock, stop).run();
  measured.cpu_s = processor_seconds() - cpu_before;
  measured.begin_unix_s = began;
  measured.ended_full = load.is_cut && !stop.stop_requested();
  return measured;
}

}  // namespace vivace::bench
