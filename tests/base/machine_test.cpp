#include "base/machine.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <map>
#include <string>
#include <thread>

#include "support/files.hpp"
#include "support/temporary_folder.hpp"

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

using Files = std::map<std::string, std::string>;  // path below the root -> text

struct Quota {
  std::string about;
  Files files;
  double cpus;
};

std::ostream& operator<<(std::ostream& out, const Quota& quota) { return out << quota.about; }

class CgroupQuota : public ::testing::TestWithParam<Quota> {};

TEST_P(CgroupQuota, IsRead) {
  const test::TemporaryFolder root;
  for (const auto& [path, text] : GetParam().files) test::write_text(root / path, text);
  EXPECT_EQ(read_machine(root.path()).cgroup_cpus, GetParam().cpus);
}

constexpr const char* kGroup = "proc/self/cgroup";

INSTANTIATE_TEST_SUITE_P(
    Version2, CgroupQuota,
    ::testing::Values(
        Quota{"none", {}, 0},
        Quota{"a container's own", {{kGroup, "0::/\n"}, {"sys/fs/cgroup/cpu.max", "150000 100000\n"}}, 1.5},
        Quota{"without limit", {{kGroup, "0::/\n"}, {"sys/fs/cgroup/cpu.max", "max 100000\n"}}, 0},
        Quota{"of a group", {{kGroup, "0::/a/b\n"}, {"sys/fs/cgroup/a/b/cpu.max", "50000 100000\n"}}, 0.5},
        Quota{"of the group above",
              {{kGroup, "0::/a/b\n"},
               {"sys/fs/cgroup/a/b/cpu.max", "max 100000\n"},
               {"sys/fs/cgroup/a/cpu.max", "200000 100000\n"}},
              2},
        Quota{"the smallest of all",
              {{kGroup, "0::/a/b\n"},
               {"sys/fs/cgroup/a/b/cpu.max", "400000 100000\n"},
               {"sys/fs/cgroup/a/cpu.max", "300000 100000\n"},
               {"sys/fs/cgroup/cpu.max", "800000 100000\n"}},
              3},
        Quota{"of another group", {{kGroup, "0::/a\n"}, {"sys/fs/cgroup/b/cpu.max", "50000 100000\n"}}, 0},
        Quota{"damaged", {{kGroup, "0::/\n"}, {"sys/fs/cgroup/cpu.max", "? ?\n"}}, 0},
        Quota{"empty", {{kGroup, "0::/\n"}, {"sys/fs/cgroup/cpu.max", ""}}, 0}));

/// Groups of version 1 by their path, each with its quota for periods of 0.1 s.
Files version1_groups(const std::string& own, const std::map<std::string, std::string>& quotas) {
  Files files{{kGroup, "11:memory:/other\n4:cpu,cpuacct:" + own + "\n1:name=systemd:/other\n"}};
  for (const auto& [group, quota] : quotas) {
    files["sys/fs/cgroup/cpu" + group + "/cpu.cfs_quota_us"] = quota;
    files["sys/fs/cgroup/cpu" + group + "/cpu.cfs_period_us"] = "100000\n";
  }
  return files;
}

Files version1(const std::string& quota, const std::string& period) {
  return {{kGroup, "4:cpu,cpuacct:/docker/0123\n"},
          {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", quota},
          {"sys/fs/cgroup/cpu/cpu.cfs_period_us", period}};
}

INSTANTIATE_TEST_SUITE_P(
    Version1, CgroupQuota,
    ::testing::Values(Quota{"limited", version1("250000\n", "100000\n"), 2.5},
                      Quota{"without limit", version1("-1\n", "100000\n"), 0},
                      Quota{"without period", version1("250000\n", "0\n"), 0},
                      Quota{"of a group", version1_groups("/a/b", {{"/a/b", "50000\n"}}), 0.5},
                      Quota{"of the group above", version1_groups("/a/b", {{"/a/b", "-1\n"}, {"/a", "200000\n"}}), 2},
                      Quota{"the smallest of all",
                            version1_groups("/a/b", {{"/a/b", "400000\n"}, {"/a", "300000\n"}, {"", "800000\n"}}), 3},
                      Quota{"of another group", version1_groups("/a", {{"/other", "50000\n"}, {"/b", "50000\n"}}), 0}));

TEST(ReadMachine, KeepsTheInstructionSetsThatMatter) {
  const test::TemporaryFolder root;
  test::write_text(root / "proc/cpuinfo", "model name\t: A Processor\nflags\t\t: fpu avx2 fma\nflags\t\t: sse4_2\n");
  const Machine machine = read_machine(root.path());
  EXPECT_EQ(machine.cpu_name, "A Processor");
  EXPECT_EQ(machine.instruction_sets, (std::vector<std::string>{"avx2", "fma"}));
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
  const std::size_t now = resident_bytes();
  EXPECT_GE(peak_resident_bytes(), now);
}

}  // namespace
}  // namespace vivace::base
