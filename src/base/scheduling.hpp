#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace vivace::base {

/// Where and how eagerly a thread runs. Threads that it starts inherit all of it.
struct Scheduling {
  std::vector<int> cores{};  ///< that it may run on; empty: any
  int nice = 0;              ///< 0 … 19, added to that of the process; the higher, the more it gives way to others
  bool idle_io = false;      ///< whether its input and output give way to that of all others

  bool operator==(const Scheduling&) const = default;
};

/// Applies to the calling thread. Throws Error: invalid_argument (a core that this process may not use, or `nice` out
/// of range), unavailable (the system refuses).
void apply(const Scheduling& scheduling);

/// The cores that this thread may run on, ascending.
std::vector<int> allowed_cores();

/// The cores of a NUMA node. Throws Error(invalid_argument) where there is no such node. `root` holds sys/.
std::vector<int> cores_of_numa_node(int node, const std::filesystem::path& root = "/");

/// "0-2,7" as {0, 1, 2, 7}; throws Error(corrupt_data) for what is no such list.
std::vector<int> parse_core_list(const std::string& text);

}  // namespace vivace::base
