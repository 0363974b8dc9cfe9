#include "bench/wording.hpp"

#include <gtest/gtest.h>

namespace vivace::bench {
namespace {

TEST(Wording, KeepsThreeDigits) {
  EXPECT_EQ(duration_text(1.234e-3), "1.23 ms");
  EXPECT_EQ(duration_text(0.9996e-3), "1.00 ms");
  EXPECT_EQ(duration_text(45.6), "45.6 s");
  EXPECT_EQ(rate_text(812.3), "812/s");
  EXPECT_EQ(rate_text(1'234'000), "1.23 M/s");
  EXPECT_EQ(bytes_text(64.1e6), "64.1 MB");
}

TEST(Wording, SharesArePercentagesWithoutExponents) {
  EXPECT_EQ(found_text("late_share", 1), "late: 100 %");
  EXPECT_EQ(found_text("late_share", 0.0625), "late: 6.25 %");
  EXPECT_EQ(found_text("late_share", 0.0005), "late: 0.05 %");
  EXPECT_EQ(found_text("late_share", 0), "late: 0 %");
}

TEST(Wording, GivesAnIntervalTheUnitOfItsTime) {
  EXPECT_EQ(duration_text(0.999e-3, 0.99e-3, 1.01e-3), "999 µs (990–1010)");
}

TEST(Wording, ShortensAtASpace) {
  EXPECT_EQ(shortened("one two", 7), "one two");
  EXPECT_EQ(shortened("one two", 6), "one…");
  EXPECT_EQ(shortened("no: /a/long/path", 10), "no: /a/lo…") << "the only space is far in front";
  EXPECT_EQ(shortened("äöüäöü", 4), "äöü…");
}

}  // namespace
}  // namespace vivace::bench
