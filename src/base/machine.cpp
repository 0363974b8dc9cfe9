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

/// Whether a list such as "cpu,cpuacct" names a controller; an empty list names the empty one alone.
bool names(const std::string& controllers, const std::string& controller) {
  return ("," + controllers + ",").find("," + controller + ",") != std::string::npos;
}

/// The group of this process, e.g. "/user.slice", in the hierarchy of a controller of version 1, or without a name of
/// one in the unified hierarchy of version 2; empty where there is none.
std::string cgroup_name(const fs::path& root, const std::string& controller) {
  std::ifstream stream(root / "proc/self/cgroup");
  for (std::string line; std::getline(stream, line);) {  // number:controllers:group
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    if (names(line.substr(first + 1, second - first - 1), controller)) return line.substr(second + 1);
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

/// The smaller of two quotas of which 0 is none.
double smaller(double a, double b) { return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b); }

/// The smallest quota of a group and the groups above it, as `quota_of` reads it from a group's folder; 0 where there
/// is none.
template <typename QuotaOf>
double smallest_quota(const fs::path& mount, std::string group, QuotaOf quota_of) {
  double smallest = quota_of(mount.string() + group);
  for (std::size_t slash = group.rfind('/'); slash != std::string::npos; slash = group.rfind('/')) {
    group.resize(slash);
    smallest = smaller(smallest, quota_of(mount.string() + group));
  }
  return smallest;
}

/// Containers may see their own group at the top, whatever it is called.
double cgroup_quota(const fs::path& root) {
  const fs::path mount = root / "sys/fs/cgroup";
  return smaller(smallest_quota(mount, cgroup_name(root, ""), version2_quota),
                 smallest_quota(mount / "cpu", cgroup_name(root, "cpu"), version1_quota));
}

std::size_t affinity_cpus() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  return sched_getaffinity(0, sizeof mask, &mask) == 0 ? static_cast<std::size_t>(CPU_COUNT(&mask)) : 0;
}

/// `process` is a number, or "self".
std::size_t status_bytes(const std::string& process, std::string_view name) {
  const std::string value = proc_value("/proc/" + process + "/status", name);
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

std::size_t resident_bytes() { return status_bytes("self", "VmRSS"); }

std::size_t resident_bytes(pid_t process) { return status_bytes(std::to_string(process), "VmRSS"); }

std::size_t peak_resident_bytes() { return status_bytes("self", "VmHWM"); }

}  // namespace vivace::base
