#include "base/thread_budget.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "base/machine.hpp"

namespace vivace::base {
namespace {

TEST(ThreadBudget, GivesWhatIsLeftAndTakesItBack) {
  ThreadBudget budget(8);
  ThreadBudget::Share three = budget.take(3);
  EXPECT_EQ(three.cores(), 3U);
  {
    const ThreadBudget::Share rest = budget.take(0);
    EXPECT_EQ(rest.cores(), 5U);
    EXPECT_EQ(budget.left(), 0U);
    EXPECT_EQ(budget.take(0).cores(), 1U) << "nobody goes without";
  }
  EXPECT_EQ(budget.left(), 5U);
  const ThreadBudget::Share moved = std::move(three);
  EXPECT_EQ(budget.left(), 5U);
}

TEST(ThreadBudget, HonoursWhatIsAskedForByNumber) {
  ThreadBudget budget(2);
  const ThreadBudget::Share many = budget.take(16);
  EXPECT_EQ(many.cores(), 16U);
  EXPECT_EQ(budget.left(), 0U);
}

TEST(ThreadBudget, OfTheProcessAreItsUsableCores) {
  EXPECT_EQ(ThreadBudget::of_process().cores(), usable_cores(read_machine()));
}

}  // namespace
}  // namespace vivace::base
