#include "page/scale.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vivace::page {
namespace {

void expect_ticks(const Scale& scale, const std::vector<double>& expected) {
  ASSERT_EQ(scale.ticks().size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(scale.ticks()[i], expected[i], 1e-9 * expected.back()) << i;
}

TEST(Scale, LinearTicksAreRoundAndEncloseTheValues) {
  expect_ticks(Scale::linear(1, 9.7), {0, 2, 4, 6, 8, 10});
  expect_ticks(Scale::linear(103, 104.9), {103, 103.5, 104, 104.5, 105});
  EXPECT_GE(Scale::linear(5, 5).ticks().size(), 2U);
  EXPECT_GE(Scale::linear(0, 0).ticks().size(), 2U);
}

TEST(Scale, LogarithmicTicksAreOneTwoFive) {
  expect_ticks(Scale::logarithmic(0.0011, 0.018), {0.001, 0.002, 0.005, 0.01, 0.02});
  expect_ticks(Scale::logarithmic(0.001, 0.01), {0.001, 0.002, 0.005, 0.01});
  expect_ticks(Scale::logarithmic(0.002, 90), {0.001, 0.01, 0.1, 1, 10, 100});
  EXPECT_GE(Scale::logarithmic(3, 3).ticks().size(), 2U);
}

TEST(Scale, PlacesBetweenTheEnds) {
  const Scale linear = Scale::linear(0, 10);
  EXPECT_DOUBLE_EQ(linear.place(0), 0);
  EXPECT_DOUBLE_EQ(linear.place(2.5), 0.25);
  EXPECT_DOUBLE_EQ(linear.place(11), 1);
  const Scale logarithmic = Scale::logarithmic(1, 100);
  EXPECT_NEAR(logarithmic.place(10), 0.5, 1e-12);
  EXPECT_DOUBLE_EQ(logarithmic.place(0), 0);
}

TEST(TickText, HasTheUnit) {
  EXPECT_EQ(tick_text(0.002, Unit::seconds), "2 ms");
  EXPECT_EQ(tick_text(5e-4, Unit::seconds), "500 µs");
  EXPECT_EQ(tick_text(20, Unit::seconds), "20 s");
  EXPECT_EQ(tick_text(0.5, Unit::percent), "50 %");
  EXPECT_EQ(tick_text(20'000, Unit::rate), "20 k");
  EXPECT_EQ(tick_text(0, Unit::seconds), "0");
}

}  // namespace
}  // namespace vivace::page
