#include "library/checkpoint.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "support/errors.hpp"

namespace vivace::library {
namespace {

using namespace std::chrono_literals;

TEST(Checkpoint, LetsPassWithoutLimits) {
  MemoryShare memory(0);
  Checkpoint checkpoint({}, memory);
  EXPECT_NO_THROW(checkpoint.pass());
}

TEST(Checkpoint, StopsWhatTakesTooLong) {
  MemoryShare memory(0);
  Checkpoint checkpoint({.time_s = 0.01}, memory);
  std::this_thread::sleep_for(20ms);
  test::expect_contains(test::expect_error(ErrorCode::resource_exhausted, [&] { checkpoint.pass(); }), "--time-limit");
  EXPECT_FALSE(checkpoint.out_of_memory());
}

TEST(Checkpoint, StopsWhatTakesTooMuchMemory) {
  MemoryShare memory(1);
  Checkpoint checkpoint({.memory_bytes = 1}, memory);
  std::this_thread::sleep_for(60ms);
  test::expect_error(ErrorCode::resource_exhausted, [&] { checkpoint.pass(); });
  EXPECT_TRUE(checkpoint.out_of_memory());
}

TEST(Checkpoint, OnlyTheTrackThatWasBegunLastGivesWay) {
  MemoryShare memory(1);
  Checkpoint first({.memory_bytes = 1}, memory);
  {
    Checkpoint second({.memory_bytes = 1}, memory);
    EXPECT_NO_THROW(first.pass());
    test::expect_error(ErrorCode::resource_exhausted, [&] { second.pass(); });
  }
  std::this_thread::sleep_for(60ms);
  test::expect_error(ErrorCode::resource_exhausted, [&] { first.pass(); });
}

TEST(Checkpoint, RestsAreNoWork) {
  MemoryShare memory(0);
  Checkpoint checkpoint({.cpu_share = 0.5}, memory);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(10ms);
    checkpoint.pass();
  }
  const double passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  EXPECT_NEAR(checkpoint.worked_s() / passed, 0.5, 0.1);
}

}  // namespace
}  // namespace vivace::library
