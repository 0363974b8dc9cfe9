#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace vivace::runtime {

/// Lets so many runs be under way at a time. Thread-safe.
class RunSlots {
 public:
  explicit RunSlots(std::size_t count) : free_(count) {}

  void lock() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return free_ > 0; });
    --free_;
  }

  bool try_lock() {
    const std::scoped_lock lock(mutex_);
    if (free_ == 0) return false;
    --free_;
    return true;
  }

  void unlock() {
    const std::scoped_lock lock(mutex_);
    ++free_;
    changed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t free_;
};

}  // namespace vivace::runtime
