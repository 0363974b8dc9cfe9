#include "runtime/isolation/crash_guard.hpp"

#include <gtest/gtest.h>

#include "runtime/isolation/isolation_options.hpp"
#include "support/errors.hpp"

namespace vivace::runtime {
namespace {

using namespace std::chrono_literals;
using test::expect_contains;
using test::expect_error;

constexpr CrashGuard::Clock::time_point kStart{1000h};

IsolationOptions three_in_a_minute() {
  IsolationOptions options;
  options.crash_limit = 3;
  options.crash_window = 60s;
  options.cool_down = 10s;
  return options;
}

TEST(CrashGuard, RefusesAfterCrashesWithoutAnAnswer) {
  CrashGuard guard(three_in_a_minute());
  guard.count_crash(kStart, "died");
  guard.count_crash(kStart + 1s, "died");
  EXPECT_FALSE(guard.refused_until(kStart + 1s));
  guard.count_crash(kStart + 2s, "was ended by signal 9");
  EXPECT_EQ(guard.refused_until(kStart + 2s), kStart + 12s);
  expect_contains(guard.reason(kStart + 2s), "was ended by signal 9");
  EXPECT_FALSE(guard.refused_until(kStart + 12s));
}

TEST(CrashGuard, RefusesAgainAtOnceWhereTheFirstTryCrashes) {
  CrashGuard guard(three_in_a_minute());
  for (int i = 0; i < 3; ++i) guard.count_crash(kStart, "died");
  guard.count_crash(kStart + 11s, "died");
  EXPECT_EQ(guard.refused_until(kStart + 11s), kStart + 21s);
}

TEST(CrashGuard, AnswersAndTimeMakeItForget) {
  CrashGuard guard(three_in_a_minute());
  for (int i = 0; i < 100; ++i) {
    guard.count_crash(kStart, "died");
    guard.count_answer();
  }
  EXPECT_FALSE(guard.refused_until(kStart));
  for (int i = 0; i < 100; ++i) guard.count_crash(kStart + i * 31s, "died");
  EXPECT_FALSE(guard.refused_until(kStart + 100 * 31s));
}

TEST(RestartDelay, DoublesUpToTheLongest) {
  IsolationOptions options;
  options.restart_delay = 10ms;
  options.longest_restart_delay = 70ms;
  EXPECT_EQ(restart_delay(options, 1), 10ms);
  EXPECT_EQ(restart_delay(options, 3), 40ms);
  EXPECT_EQ(restart_delay(options, 4), 70ms);
  EXPECT_EQ(restart_delay(options, 1'000'000), 70ms);
}

struct Absurd {
  const char* name;
  void (*set)(IsolationOptions&);
};
std::ostream& operator<<(std::ostream& out, const Absurd& absurd) { return out << absurd.name; }

class AbsurdOption : public ::testing::TestWithParam<Absurd> {};
TEST_P(AbsurdOption, IsRefusedByItsName) {
  IsolationOptions options;
  EXPECT_NO_THROW(checked(options));
  GetParam().set(options);
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { checked(options); }), GetParam().name);
}
INSTANTIATE_TEST_SUITE_P(
    Options, AbsurdOption,
    ::testing::Values(Absurd{"processes", [](IsolationOptions& o) { o.processes = 257; }},
                      Absurd{"cores", [](IsolationOptions& o) { o.cores = {-1}; }},
                      Absurd{"cores", [](IsolationOptions& o) { o.cores = {100'000}; }},
                      Absurd{"cores",
                             [](IsolationOptions& o) {
                               o.cores = {1, 0, 1};
                             }},
                      Absurd{"memory_limit_bytes", [](IsolationOptions& o) { o.memory_limit_bytes = 1000; }},
                      Absurd{"memory_limit_bytes", [](IsolationOptions& o) { o.memory_limit_bytes = ~std::size_t{0}; }},
                      Absurd{"nice", [](IsolationOptions& o) { o.nice = -1; }},
                      Absurd{"nice", [](IsolationOptions& o) { o.nice = 20; }},
                      Absurd{"stop_grace", [](IsolationOptions& o) { o.stop_grace = -1ms; }},
                      Absurd{"start_timeout", [](IsolationOptions& o) { o.start_timeout = 0ms; }},
                      Absurd{"restart_delay", [](IsolationOptions& o) { o.restart_delay = -1ms; }},
                      Absurd{"longest_restart_delay", [](IsolationOptions& o) { o.longest_restart_delay = 1ms; }},
                      Absurd{"crash_limit", [](IsolationOptions& o) { o.crash_limit = 0; }},
                      Absurd{"crash_window", [](IsolationOptions& o) { o.crash_window = 0ms; }},
                      Absurd{"cool_down", [](IsolationOptions& o) { o.cool_down = 48h; }}));

TEST(IsolationOptions, NoNumberOfProcessesIsThatOfTheCores) {
  IsolationOptions options;
  options.processes = 0;
  EXPECT_GE(checked(options).processes, 1U);
}

TEST(IsolationOptions, CoresAreDealtOutInStretches) {
  IsolationOptions options;
  options.processes = 2;
  EXPECT_TRUE(cores_of(options, 1).empty());
  options.cores = {0, 1, 2, 3};
  EXPECT_EQ(cores_of(options, 0), (std::vector<int>{0, 1}));
  EXPECT_EQ(cores_of(options, 1), (std::vector<int>{2, 3}));
  options.processes = 3;
  options.cores = {4, 6};
  EXPECT_EQ(cores_of(options, 2), std::vector<int>{4});
}

}  // namespace
}  // namespace vivace::runtime
