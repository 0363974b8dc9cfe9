#pragma once

#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace vivace::base {

/// Objects that are costly to make, kept for the next user. Safe from many threads.
template <typename T>
class Pool {
 public:
  /// An object that nobody else uses: one that was given back, else what `make` returns.
  template <typename Make>
  std::unique_ptr<T> take(Make&& make) {
    {
      const std::scoped_lock lock(mutex_);
      if (!free_.empty()) {
        std::unique_ptr<T> object = std::move(free_.back());
        free_.pop_back();
        return object;
      }
    }
    return make();
  }

  /// Objects come back in a state in which they can be used again; what is broken is not given back. One that there is
  /// no memory to keep goes.
  void give_back(std::unique_ptr<T> object) noexcept {
    const std::scoped_lock lock(mutex_);
    try {
      free_.push_back(std::move(object));
    } catch (const std::bad_alloc&) {
      object.reset();
    }
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> free_;
};

}  // namespace vivace::base
