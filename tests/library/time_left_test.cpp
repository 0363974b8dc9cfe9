#include "library/time_left.hpp"

#include <gtest/gtest.h>

namespace vivace::library {
namespace {

TEST(TimeLeft, IsNotKnownBeforeTheFirstTrack) {
  TimeLeft left;
  left.expect(".mp3", 1000);
  EXPECT_FALSE(left.seconds(1, 0).has_value());
}

/// 1000 files, first all of one kind, then all of the other; a byte of the second costs ten times as much.
TEST(TimeLeft, IsRightWithinAFifthAfterTheFirstTwentiethOfEachKind) {
  constexpr std::int64_t kBytes = 4'000'000;
  TimeLeft left;
  for (int i = 0; i < 500; ++i) {
    left.expect(".wav", 10 * kBytes);
    left.expect(".mp3", kBytes);
  }
  constexpr double kWav = 2;
  constexpr double kMp3 = 3;
  const double all = 500 * kWav + 500 * kMp3;
  for (int i = 0; i < 25; ++i) {
    left.done(".wav", 10 * kBytes, kWav);
    left.done(".mp3", kBytes, kMp3);
  }
  const double worked = 25 * (kWav + kMp3);
  EXPECT_NEAR(*left.seconds(worked / 2, 0), (all - worked) / 2, 0.2 * (all - worked) / 2);  // two workers
  for (int i = 25; i < 500; ++i) left.done(".wav", 10 * kBytes, kWav);
  const double rest = 475 * kMp3;
  EXPECT_NEAR(*left.seconds((all - rest) / 2, 0), rest / 2, 0.05 * rest / 2);
}

TEST(TimeLeft, WorkUnderWayCountsAsDoneInPart) {
  TimeLeft left;
  for (int i = 0; i < 10; ++i) left.expect(".mp3", 1'000'000);
  left.done(".mp3", 1'000'000, 10);
  EXPECT_NEAR(*left.seconds(15, 5), 85, 1);
}

TEST(TimeLeft, OtherProcessesCount) {
  TimeLeft left;
  for (int i = 0; i < 12; ++i) left.expect(".mp3", 1'000'000);
  left.done(".mp3", 1'000'000, 10);
  left.done_elsewhere(".mp3", 1'000'000);
  EXPECT_NEAR(*left.seconds(10, 0), 50, 1);
}

}  // namespace
}  // namespace vivace::library
