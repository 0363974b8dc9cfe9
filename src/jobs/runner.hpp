#pragma once

#include <fmt/format.h>

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "vivace/error.hpp"

namespace vivace::jobs {

enum class ResultOrder {
  input,     ///< results are consumed in the order of their items
  finished,  ///< results are consumed as they come
};

struct RunnerOptions {
  std::size_t workers = 1;
  ResultOrder order = ResultOrder::input;
  /// The most items that may be begun ahead of the one that is consumed next; bounds the results in memory.
  std::size_t window = 64;
};

/// Calls a function on many items, on several threads; serves one `run`.
///
/// `next() -> std::optional<Item>` is called by one thread at a time and names the next item, nothing at the end.
/// `work(Item&) -> Result` runs on a worker; what it throws ends the job, so it must turn an item's failure into a
/// result. `consume(Result&&)` runs on the calling thread. After `stop` is requested no further item is begun; those
/// under way are finished and consumed. Rethrows the first exception of `next`, `work` or `consume`, after the workers
/// have ended.
template <typename Item, typename Result>
class Runner {
 public:
  explicit Runner(const RunnerOptions& options) : options_(options) {}

  template <typename Next, typename Work, typename Consume>
  void run(Next&& next, Work&& work, Consume&& consume, const std::stop_token& stop) {
    std::vector<std::jthread> workers;
    try {
      start(workers, [&] { work_until_done(next, work, stop); });
      while (std::optional<Result> result = wait_for_result()) consume(std::move(*result));
    } catch (...) {
      fail(std::current_exception());
    }
    workers.clear();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  /// Starts the workers. Fewer than asked for will do where the system gives no more threads.
  template <typename Body>
  void start(std::vector<std::jthread>& workers, const Body& body) {
    while (workers.size() < options_.workers) {
      {
        const std::scoped_lock lock(mutex_);
        ++running_;
      }
      try {
        workers.emplace_back(body);
      } catch (const std::system_error& error) {
        const std::scoped_lock lock(mutex_);
        --running_;
        if (workers.empty()) throw Error(ErrorCode::resource_exhausted, "no thread could be started", error.what());
        base::log(base::LogLevel::warning, fmt::format("only {} of {} threads could be started: {}", workers.size(),
                                                       options_.workers, error.what()));
        return;
      }
    }
  }

  template <typename Next, typename Work>
  void work_until_done(Next& next, Work& work, const std::stop_token& stop) {
    try {
      while (auto begun = begin_item(next, stop)) {
        Result result = work(begun->second);
        const std::scoped_lock lock(mutex_);
        results_.emplace(begun->first, std::move(result));
        changed_.notify_all();
      }
    } catch (...) {
      fail(std::current_exception());
    }
    const std::scoped_lock lock(mutex_);
    --running_;
    changed_.notify_all();
  }

  /// The next item and its index; nothing where no more are to be begun.
  template <typename Next>
  std::optional<std::pair<std::size_t, Item>> begin_item(Next& next, const std::stop_token& stop) {
    const std::scoped_lock one_at_a_time(next_mutex_);
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return failure_ || begun_ < consumed_ + options_.window; });
      if (failure_) return std::nullopt;
    }
    if (stop.stop_requested() || exhausted_) return std::nullopt;
    std::optional<Item> item = next();
    const std::scoped_lock lock(mutex_);
    if (item) return std::pair(begun_++, *std::move(item));
    exhausted_ = true;
    return std::nullopt;
  }

  /// The next result to consume; nothing when all are consumed or the job has failed.
  std::optional<Result> wait_for_result() {
    std::unique_lock lock(mutex_);
    const auto available = [&] {
      if (results_.empty()) return false;
      return options_.order == ResultOrder::finished || results_.begin()->first == consumed_;
    };
    changed_.wait(lock, [&] { return failure_ || available() || running_ == 0; });
    if (failure_ || !available()) return std::nullopt;
    Result result = std::move(results_.begin()->second);
    results_.erase(results_.begin());
    ++consumed_;
    changed_.notify_all();
    return result;
  }

  void fail(std::exception_ptr failure) {
    const std::scoped_lock lock(mutex_);
    if (!failure_) failure_ = std::move(failure);
    changed_.notify_all();
  }

  RunnerOptions options_;
  std::mutex next_mutex_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::size_t, Result> results_;
  std::size_t begun_ = 0;
  std::size_t consumed_ = 0;
  std::size_t running_ = 0;
  bool exhausted_ = false;
  std::exception_ptr failure_;
};

}  // namespace vivace::jobs
