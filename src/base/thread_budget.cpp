#include "base/thread_budget.hpp"

#include <algorithm>
#include <utility>

#include "base/machine.hpp"

namespace vivace::base {

ThreadBudget& ThreadBudget::of_process() {
  static ThreadBudget budget(usable_cores(read_machine()));
  return budget;
}

ThreadBudget::Share ThreadBudget::take(std::size_t wanted) {
  const std::scoped_lock lock(mutex_);
  const std::size_t free = cores_ > taken_ ? cores_ - taken_ : 0;
  const std::size_t granted = wanted > 0 ? wanted : std::max<std::size_t>(free, 1);
  taken_ += granted;
  return {*this, granted};
}

std::size_t ThreadBudget::left() const {
  const std::scoped_lock lock(mutex_);
  return cores_ > taken_ ? cores_ - taken_ : 0;
}

ThreadBudget::Share::Share(Share&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)), cores_(std::exchange(other.cores_, 0)) {}

ThreadBudget::Share& ThreadBudget::Share::operator=(Share&& other) noexcept {
  std::swap(budget_, other.budget_);
  std::swap(cores_, other.cores_);
  return *this;
}

ThreadBudget::Share::~Share() {
  if (budget_ == nullptr) return;
  const std::scoped_lock lock(budget_->mutex_);
  budget_->taken_ -= cores_;
}

}  // namespace vivace::base
