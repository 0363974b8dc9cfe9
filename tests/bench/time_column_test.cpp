#include "bench/time_column.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace vivace::bench {
namespace {

using Cells = std::vector<std::string>;

Estimate exactly(double seconds) { return {seconds, seconds, seconds}; }

TEST(TimeColumn, ShowsThreeDigitsOfItsSmallestTime) {
  const TimeColumn column{"p90", false, {exactly(1.234e-3), exactly(45.678e-3), std::nullopt}};
  EXPECT_EQ(cells_of(column, {1e3, "ms"}), (Cells{"1.23", "45.68", "-"}));
  EXPECT_EQ(cells_of({"p90", false, {exactly(9.996e-3), exactly(0.2)}}, {1e3, "ms"}), (Cells{"10.0", "200.0"}));
  EXPECT_EQ(cells_of({"load", false, {exactly(0), exactly(1)}}, {1e3, "ms"}), (Cells{"0", "1000"}));
}

TEST(TimeColumn, ShowsThreeDigitsOfItsLowestBound) {
  const TimeColumn column{"p50", true, {Estimate{12.34e-3, 9.87e-3, 14e-3}}};
  EXPECT_EQ(cells_of(column, {1e3, "ms"}), Cells{"12.34 (9.87–14.00)"});
}

TEST(TimeColumns, AreInMicrosecondsWhereAllTimesAreBrief) {
  const TimeColumn brief{"p50", true, {exactly(3e-6), std::nullopt}};
  const TimeColumn longer{"p99", true, {exactly(3e-6), exactly(2e-4)}};
  EXPECT_EQ(cells_of(brief, scale_of({brief})), (Cells{"3.00 (3.00–3.00)", "-"}));
  EXPECT_STREQ(scale_of({brief}).unit, "µs");
  EXPECT_STREQ(scale_of({brief, longer}).unit, "ms");
}

TEST(TimeColumns, OfNothingHaveDashes) { EXPECT_EQ(cells_of({"p50", true, {std::nullopt}}, {1e3, "ms"}), Cells{"-"}); }

}  // namespace
}  // namespace vivace::bench
