#pragma once

#include <cstddef>
#include <mutex>

namespace vivace::base {

/// The cores of a process, shared by all that runs on threads of its own. Safe from many threads.
class ThreadBudget {
 public:
  explicit ThreadBudget(std::size_t cores) : cores_(cores) {}

  /// That of this process: its usable cores, see usable_cores.
  static ThreadBudget& of_process();

  /// Cores that were taken, until it goes.
  class Share {
   public:
    Share() = default;
    Share(ThreadBudget& budget, std::size_t cores) : budget_(&budget), cores_(cores) {}
    Share(Share&& other) noexcept;
    Share& operator=(Share&& other) noexcept;
    ~Share();

    std::size_t cores() const { return cores_; }

   private:
    ThreadBudget* budget_ = nullptr;
    std::size_t cores_ = 0;
  };

  /// Takes `wanted` cores, also more than there are; with 0 those that nobody has taken, at least one.
  Share take(std::size_t wanted);

  std::size_t cores() const { return cores_; }
  /// Those that nobody has taken.
  std::size_t left() const;

 private:
  std::size_t cores_;
  mutable std::mutex mutex_;
  std::size_t taken_ = 0;
};

}  // namespace vivace::base
