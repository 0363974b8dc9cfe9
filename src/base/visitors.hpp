#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace vivace::base {

/// Counts who is inside an object, so that its end can wait until nobody is. Thread-safe.
class Visitors {
 public:
  /// Somebody who is inside until it goes.
  class Visit {
   public:
    explicit Visit(Visitors& visitors) : visitors_(visitors) {
      const std::scoped_lock lock(visitors_.mutex_);
      ++visitors_.count_;
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit() {
      const std::scoped_lock lock(visitors_.mutex_);
      if (--visitors_.count_ == 0) visitors_.gone_.notify_all();
    }

   private:
    Visitors& visitors_;
  };

  void wait_until_gone() {
    std::unique_lock lock(mutex_);
    gone_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable gone_;
  std::size_t count_ = 0;
};

}  // namespace vivace::base
