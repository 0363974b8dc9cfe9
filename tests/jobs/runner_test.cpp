#include "jobs/runner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace vivace::jobs {
namespace {

using IntRunner = Runner<int, int>;

/// An item source 0, 1, … count - 1.
auto count_to(int count) {
  return [i = 0, count]() mutable -> std::optional<int> { return i < count ? std::optional(i++) : std::nullopt; };
}

int square_after_a_while(int item) {
  std::this_thread::sleep_for(std::chrono::microseconds((item * 7919) % 500));
  return item * item;
}

class Workers : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Workers, ResultsComeInTheOrderOfTheirItems) {
  std::vector<int> results;
  IntRunner({.workers = GetParam(), .window = 5})
      .run(
          count_to(200), square_after_a_while, [&](int result) { results.push_back(result); }, std::stop_token());
  std::vector<int> expected(200);
  for (int i = 0; i < 200; ++i) expected[static_cast<std::size_t>(i)] = i * i;
  EXPECT_EQ(results, expected);
}

TEST_P(Workers, EveryResultComesOnceAsItFinishes) {
  std::vector<int> results;
  IntRunner({.workers = GetParam(), .order = ResultOrder::finished, .window = 5})
      .run(
          count_to(200), square_after_a_while, [&](int result) { results.push_back(result); }, std::stop_token());
  std::sort(results.begin(), results.end());
  EXPECT_EQ(results.size(), 200U);
  EXPECT_EQ(std::unique(results.begin(), results.end()), results.end());
}

INSTANTIATE_TEST_SUITE_P(Counts, Workers, ::testing::Values(1, 2, 8));

TEST(Runner, NeverRunsFurtherAheadThanTheWindow) {
  std::atomic<int> begun{0};
  std::atomic<int> farthest{0};
  int consumed = 0;
  const auto work = [&](int item) {
    ++begun;
    return item;
  };
  const auto consume = [&](int) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    farthest = std::max(farthest.load(), begun.load() - consumed);
    ++consumed;
  };
  IntRunner({.workers = 4, .window = 6}).run(count_to(60), work, consume, std::stop_token());
  EXPECT_LE(farthest, 7);
}

TEST(Runner, StopFinishesWhatIsUnderWay) {
  std::stop_source source;
  int consumed = 0;
  const auto consume = [&](int) {
    if (++consumed == 10) source.request_stop();
  };
  IntRunner({.workers = 3, .window = 4}).run(count_to(1000), square_after_a_while, consume, source.get_token());
  EXPECT_GE(consumed, 10);
  EXPECT_LE(consumed, 10 + 4);
}

TEST(Runner, FailuresOfEveryPartEndTheJobAndReachTheCaller) {
  const auto fail = [](int item) -> int { return item == 7 ? throw std::runtime_error("work") : item; };
  const auto ignore = [](int) {};
  const auto reject = [](int) { throw std::runtime_error("consume"); };
  const auto broken = []() -> std::optional<int> { throw std::runtime_error("next"); };
  const auto identity = [](int item) { return item; };
  EXPECT_THROW(IntRunner({.workers = 2}).run(count_to(100), fail, ignore, std::stop_token()), std::runtime_error);
  EXPECT_THROW(IntRunner({.workers = 2}).run(count_to(100), identity, reject, std::stop_token()), std::runtime_error);
  EXPECT_THROW(IntRunner({.workers = 2}).run(broken, identity, ignore, std::stop_token()), std::runtime_error);
}

}  // namespace
}  // namespace vivace::jobs
