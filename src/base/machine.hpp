#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace vivace::base {

/// What this process may use of the machine.
struct Machine {
  std::string cpu_name;                       ///< e.g. "AMD EPYC"
  std::vector<std::string> instruction_sets;  ///< those that inference kernels care about, e.g. "avx2", "avx512_vnni"
  std::size_t logical_cpus = 0;               ///< of the whole machine
  std::size_t affinity_cpus = 0;              ///< in the affinity mask of this process
  double cgroup_cpus = 0;                     ///< CPU quota of the control group, 0 where there is none
  std::size_t memory_bytes = 0;
};

/// Reads the machine afresh. Never throws for what cannot be read: such fields are empty or 0.
/// `root` is the folder that holds proc/ and sys/.
Machine read_machine(const std::filesystem::path& root = "/");

/// How many threads may run at the same time: the affinity mask, cut to the cgroup quota (rounded up); at least 1.
std::size_t usable_cores(const Machine& machine);

/// Resident memory of this process in bytes: now, and the highest so far. Of another one now; 0 where there is none.
std::size_t resident_bytes();
std::size_t resident_bytes(pid_t process);
std::size_t peak_resident_bytes();

}  // namespace vivace::base
