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

constexpr std::array<std::string_view, 12> kInstructionSets = {"sse4_2",   "avx",      "avx2",        "fma",
                                                               "f16c",     "avx512f",  "avx512_vnni", "avx512_bf16",
                                                               "avx_vnni", "amx_bf16", "amx_int8",    "asimd"};

/// The value of the first "name : value" line of a /proc file; empty where there is none.
std::string proc_value(const char* file, std::string_view name) {
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

std::vector<std::string> instruction_sets() {
  std::istringstream flags(proc_value("/proc/cpuinfo", "flags") + " " + proc_value("/proc/cpuinfo", "Features"));
  std::vector<std::string> present;
  for (std::string flag; flags >> flag;) {
    if (std::find(kInstructionSets.begin(), kInstructionSets.end(), flag) != kInstructionSets.end())
      present.push_back(flag);
  }
  return present;
}

/// The folder of this process's group below /sys/fs/cgroup (version 2), e.g. "/user.slice"; empty where there is none.
std::string cgroup_folder() {
  std::ifstream stream("/proc/self/cgroup");
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("0::")) return line.substr(3);
  }
  return "";
}

double quota_of(const std::string& folder) {
  std::ifstream version2("/sys/fs/cgroup" + folder + "/cpu.max");
  std::string quota;
  double period = 0;
  if (version2 >> quota >> period && quota != "max" && period > 0) return std::stod(quota) / period;
  return 0;
}

double version1_quota() {
  std::ifstream quota_file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  std::ifstream period_file("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  double quota = 0;
  double period = 0;
  if (quota_file >> quota && period_file >> period && quota > 0 && period > 0) return quota / period;
  return 0;
}

/// The smallest quota of the group and the groups above it; 0 where there is none.
double cgroup_quota() {
  double smallest = version1_quota();
  std::string folder = cgroup_folder();
  while (true) {
    const double quota = quota_of(folder);
    if (quota > 0 && (smallest == 0 || quota < smallest)) smallest = quota;
    const std::size_t slash = folder.rfind('/');
    if (slash == std::string::npos) return smallest;
    folder.resize(slash);
  }
}

std::size_t affinity_cpus() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  return sched_getaffinity(0, sizeof mask, &mask) == 0 ? static_cast<std::size_t>(CPU_COUNT(&mask)) : 0;
}

std::size_t status_kilobytes(std::string_view name) {
  const std::string value = proc_value("/proc/self/status", name);
  return value.empty() ? 0 : static_cast<std::size_t>(std::stoull(value)) * 1024;
}

}  // namespace

Machine read_machine() {
  Machine machine;
  machine.cpu_name = proc_value("/proc/cpuinfo", "model name");
  machine.instruction_sets = instruction_sets();
  machine.logical_cpus = static_cast<std::size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  machine.affinity_cpus = affinity_cpus();
  machine.cgroup_cpus = cgroup_quota();
  struct sysinfo info {};
  if (sysinfo(&info) == 0) machine.memory_bytes = static_cast<std::size_t>(info.totalram) * info.mem_unit;
  return machine;
}

std::size_t usable_cores(const Machine& machine) {
  std::size_t cores = machine.affinity_cpus > 0 ? machine.affinity_cpus : machine.logical_cpus;
  if (machine.cgroup_cpus > 0) cores = std::min(cores, static_cast<std::size_t>(std::ceil(machine.cgroup_cpus)));
  return std::max<std::size_t>(cores, 1);
}

std::size_t resident_bytes() { return status_kilobytes("VmRSS"); }

std::size_t peak_resident_bytes() { return status_kilobytes("VmHWM"); }

}  // namespace vivace::base
