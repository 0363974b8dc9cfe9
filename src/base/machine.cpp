#include "base/machine.hpp"

#include <sched.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string_view>

namespace vivace::base {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 12> kInstructionSets = {"sse4_2",   "avx",      "avx2",        "fma",
                                                               "f16c",     "avx512f",  "avx512_vnni", "avx512_bf16",
                                                               "avx_vnni", "amx_bf16", "amx_int8",    "asimd"};

/// The value of the first "name : value" line of a /proc file; empty where there is none.
std::string proc_value(const fs::path& file, std::string_view name) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(name)) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::size_t start = line.find_first_not_of(" \t", colon + 1);
    return start == std::string::npos ? "" : line.substr(start);
  }
  return "";
}

std::vector<std::string> instruction_sets(const fs::path& cpuinfo) {
  std::istringstream flags(proc_value(cpuinfo, "flags") + " " + proc_value(cpuinfo, "Features"));
  std::vector<std::string> present;
  for (std::string flag; flags >> flag;) {
    if (std::find(kInstructionSets.begin(), kInstructionSets.end(), flag) != kInstructionSets.end())
      present.push_back(flag);
  }
  return present;
}

/// The group of this process, e.g. "/user.slice", in the unified hierarchy of version 2; empty where there is none.
std::string cgroup_name(const fs::path& root) {
  std::ifstream stream(root / "proc/self/cgroup");
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("0::")) return line.substr(3);
  }
  return "";
}

/// Processors that a quota of time in each period comes to; 0 for none.
double processors(double quota, double period) { return quota > 0 && period > 0 ? quota / period : 0; }

double version2_quota(const fs::path& folder) {
  std::ifstream file(folder / "cpu.max");
  double quota = 0;
  double period = 0;
  return file >> quota >> period ? processors(quota, period) : 0;  // "max" is no number
}

double version1_quota(const fs::path& folder) {
  std::ifstream quota_file(folder / "cpu.cfs_quota_us");
  std::ifstream period_file(folder / "cpu.cfs_period_us");
  double quota = 0;
  double period = 0;
  return quota_file >> quota && period_file >> period ? processors(quota, period) : 0;
}

/// The smallest quota of the group and the groups above it; 0 where there is none. Containers see their own group of
/// version 1 at the top.
double cgroup_quota(const fs::path& root) {
  const fs::path mount = root / "sys/fs/cgroup";
  double smallest = version1_quota(mount / "cpu");
  std::string name = cgroup_name(root);
  while (true) {
    const double quota = version2_quota(mount.string() + name);
    if (quota > 0 && (smallest == 0 || quota < smallest)) smallest = quota;
    const std::size_t slash = name.rfind('/');
    if (slash == std::string::npos) return smallest;
    name.resize(slash);
  }
}

std::size_t affinity_cpus() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  return sched_getaffinity(0, sizeof mask, &mask) == 0 ? static_cast<std::size_t>(CPU_COUNT(&mask)) : 0;
}

std::size_t status_bytes(std::string_view name) {
  const std::string value = proc_value("/proc/self/status", name);
  return value.empty() ? 0 : static_cast<std::size_t>(std::stoull(value)) * 1024;
}

}  // namespace

Machine read_machine(const fs::path& root) {
  Machine machine;
  machine.cpu_name = proc_value(root / "proc/cpuinfo", "model name");
  machine.instruction_sets = instruction_sets(root / "proc/cpuinfo");
  machine.logical_cpus = static_cast<std::size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  machine.affinity_cpus = affinity_cpus();
  machine.cgroup_cpus = cgroup_quota(root);
  struct sysinfo info {};
  if (sysinfo(&info) == 0) machine.memory_bytes = static_cast<std::size_t>(info.totalram) * info.mem_unit;
  return machine;
}

std::size_t usable_cores(const Machine& machine) {
  std::size_t cores = machine.affinity_cpus > 0 ? machine.affinity_cpus : machine.logical_cpus;
  if (machine.cgroup_cpus > 0) cores = std::min(cores, static_cast<std::size_t>(std::ceil(machine.cgroup_cpus)));
  return std::max<std::size_t>(cores, 1);
}

std::size_t resident_bytes() { return status_bytes("VmRSS"); }

std::size_t peak_resident_bytes() { return status_bytes("VmHWM"); }

}  // namespace vivace::base
