#include "runtime/batch_window.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace vivace::runtime {
namespace {

constexpr double kFixed = 5e-3;
constexpr double kPerRow = 1e-3;

RunCost learned() {
  RunCost cost;
  for (std::size_t rows = 1; rows <= 8; ++rows) cost.add(rows, kFixed + kPerRow * static_cast<double>(rows));
  return cost;
}

TEST(RunCost, FindsTheCostsOfRunsOnALine) {
  const RunCost cost = learned();
  EXPECT_NEAR(cost.fixed_s(), kFixed, 1e-12);
  EXPECT_NEAR(cost.per_row_s(), kPerRow, 1e-12);
}

TEST(RunCost, FollowsAModelThatHasBecomeSlower) {
  RunCost cost = learned();
  for (int i = 0; i < 400; ++i) cost.add(static_cast<std::size_t>(1 + i % 8), 3 * (kFixed + kPerRow * (1 + i % 8)));
  EXPECT_NEAR(cost.fixed_s(), 3 * kFixed, 0.01 * kFixed);
  EXPECT_NEAR(cost.per_row_s(), 3 * kPerRow, 0.01 * kPerRow);
}

TEST(RunCost, WithOneNumberOfRowsAllIsFixed) {
  RunCost cost;
  for (int i = 0; i < 10; ++i) cost.add(4, 2e-3);
  EXPECT_NEAR(cost.fixed_s(), 2e-3, 1e-12);
  EXPECT_EQ(cost.per_row_s(), 0);
}

TEST(RunCost, IsNeverNegative) {
  RunCost falling;
  for (std::size_t rows = 1; rows <= 8; ++rows) falling.add(rows, 1e-3 / static_cast<double>(rows));
  EXPECT_EQ(falling.per_row_s(), 0);
  EXPECT_GE(falling.fixed_s(), 0);
  RunCost steep;
  for (std::size_t rows = 1; rows <= 8; ++rows) steep.add(rows, 1e-3 * static_cast<double>(rows * rows));
  EXPECT_GE(steep.fixed_s(), 0);
}

/// The sum of the times to the answers of `waiting` requests that are there and one that comes after `gap`, with one
/// worker.
double time_to_answers(std::size_t waiting, double gap, bool wait) {
  const auto cost = [](double rows) { return kFixed + kPerRow * rows; };
  const auto n = static_cast<double>(waiting);
  if (wait) return n * (gap + cost(n + 1)) + cost(n + 1);
  return n * cost(n) + std::max(0.0, cost(n) - gap) + cost(1);
}

TEST(RunCost, WaitingPaysWhereAllAreAnsweredSooner) {
  const RunCost cost = learned();
  for (std::size_t waiting = 1; waiting <= 8; ++waiting) {
    for (const double gap : {1e-5, 1e-4, 5e-4, 1e-3, 2.5e-3, 4e-3, 1e-2}) {
      const bool pays = time_to_answers(waiting, gap, true) < time_to_answers(waiting, gap, false);
      EXPECT_EQ(cost.waiting_pays(waiting, gap), pays) << waiting << " waiting, the next after " << gap << " s";
    }
  }
}

TEST(RunCost, WithoutRunsNothingPays) { EXPECT_FALSE(RunCost().waiting_pays(1, 1e-9)); }

}  // namespace
}  // namespace vivace::runtime
