#include "base/scheduling.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

namespace vivace::base {
namespace {

using test::expect_contains;
using test::expect_error;

/// Runs on a thread of its own, as what is applied cannot be taken back.
template <typename Action>
void on_a_thread(Action&& action) {
  std::jthread thread(action);
}

TEST(Scheduling, PinsTheThreadAndThoseThatItStarts) {
  const std::vector<int> last = {allowed_cores().back()};
  on_a_thread([&] {
    apply({.cores = last});
    EXPECT_EQ(allowed_cores(), last);
    on_a_thread([&] { EXPECT_EQ(allowed_cores(), last); });
  });
}

TEST(Scheduling, LowersThePriorityOfTheThreadAlone) {
  const int before = getpriority(PRIO_PROCESS, 0);
  on_a_thread([&] {
    apply({.nice = 3, .idle_io = true});
    EXPECT_EQ(getpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid))), std::min(before + 3, 19));
    constexpr int kIdleClass = 3;
    EXPECT_EQ(::syscall(SYS_ioprio_get, 1, 0) >> 13, kIdleClass);
  });
  EXPECT_EQ(getpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid))), before);
}

TEST(Scheduling, RefusesCoresAndPrioritiesThatAreNotThere) {
  expect_contains(expect_error(ErrorCode::invalid_argument, [] { apply({.cores = {1023}}); }), "core 1023");
  expect_error(ErrorCode::invalid_argument, [] { apply({.nice = 20}); });
  expect_error(ErrorCode::invalid_argument, [] { apply({.nice = -1}); });
}

TEST(Scheduling, ReadsListsOfCores) {
  EXPECT_EQ(parse_core_list("0-2,7\n"), (std::vector<int>{0, 1, 2, 7}));
  EXPECT_EQ(parse_core_list(""), std::vector<int>{});
  for (const char* text : {"a", "1-", "-2", "1,,2", "99999", "1-99999"}) {
    expect_error(ErrorCode::corrupt_data, [&] { parse_core_list(text); });
  }
}

TEST(Scheduling, KnowsTheCoresOfNumaNodes) {
  const test::TemporaryFolder root;
  std::filesystem::create_directories(root / "sys/devices/system/node/node1");
  test::write_text(root / "sys/devices/system/node/node1/cpulist", "4-5\n");
  EXPECT_EQ(cores_of_numa_node(1, root.path()), (std::vector<int>{4, 5}));
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { cores_of_numa_node(2, root.path()); }),
                  "NUMA node 2");
}

}  // namespace
}  // namespace vivace::base
