#include "base/machine.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

namespace vivace::base {
namespace {

TEST(UsableCores, IsTheAffinityCutToTheQuota) {
  Machine machine;
  machine.logical_cpus = 16;
  EXPECT_EQ(usable_cores(machine), 16U);
  machine.affinity_cpus = 4;
  EXPECT_EQ(usable_cores(machine), 4U);
  machine.cgroup_cpus = 1.5;
  EXPECT_EQ(usable_cores(machine), 2U);
  EXPECT_EQ(usable_cores(Machine{}), 1U);
}

TEST(ReadMachine, SeesTheAffinityMask) {
  std::jthread([] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(read_machine().affinity_cpus, 1U);
  }).join();
}

TEST(ResidentBytes, GrowWithWhatIsTouched) {
  const std::size_t before = resident_bytes();
  const std::string touched(64 << 20, 'x');
  EXPECT_GE(resident_bytes(), before + (32U << 20)) << touched.size();
  EXPECT_GE(peak_resident_bytes(), resident_bytes());
}

}  // namespace
}  // namespace vivace::base
