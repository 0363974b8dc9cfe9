#include "runtime/outlier_watch.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vivace::runtime {
namespace {

constexpr std::size_t kMegabyte = 1 << 20;

std::vector<bool> told(OutlierWatch& watch, const std::vector<std::size_t>& megabytes) {
  std::vector<bool> times;
  for (const std::size_t size : megabytes) times.push_back(watch.is_time_to_shrink(size * kMegabyte));
  return times;
}

using Times = std::vector<bool>;

TEST(OutlierWatch, TellsOnceAfterRunsThatWereFarLarger) {
  OutlierWatch watch;
  EXPECT_EQ(told(watch, {2, 2, 3, 40, 50, 2, 2, 2}), (Times{false, false, false, false, false, true, false, false}));
}

TEST(OutlierWatch, RunsOfAllSizesAreNoOutliers) {
  OutlierWatch watch;
  EXPECT_EQ(told(watch, {2, 4, 6, 3, 2, 5}), Times(6, false));
}

TEST(OutlierWatch, SizesThatStayBecomeUsual) {
  OutlierWatch watch;
  watch.is_time_to_shrink(kMegabyte);
  for (int i = 0; i < 200; ++i) watch.is_time_to_shrink(40 * kMegabyte);
  EXPECT_EQ(told(watch, {40, 30}), Times(2, false));
}

TEST(OutlierWatch, SmallMemoryIsNotWorthIt) {
  OutlierWatch watch;
  for (const std::size_t bytes : {100, 100, 900'000, 100}) EXPECT_FALSE(watch.is_time_to_shrink(bytes));
}

}  // namespace
}  // namespace vivace::runtime
