#include "base/scheduling.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>

#include "base/files.hpp"
#include "vivace/error.hpp"

namespace vivace::base {
namespace {

constexpr int kMostCores = CPU_SETSIZE;
constexpr int kHighestNice = 19;
constexpr std::size_t kLongestList = 64 * 1024;

// linux/ioprio.h, which glibc does not bring.
constexpr int kIoPriorityOfProcess = 1;
constexpr int kIoPriorityIdle = 3 << 13;

void pin(const std::vector<int>& cores) {
  const std::vector<int> allowed = allowed_cores();
  cpu_set_t mask;
  CPU_ZERO(&mask);
  for (const int core : cores) {
    if (std::find(allowed.begin(), allowed.end(), core) == allowed.end()) {
      throw Error(ErrorCode::invalid_argument, fmt::format("core {}", core),
                  fmt::format("is not one that this process may use: {}", fmt::join(allowed, ", ")));
    }
    CPU_SET(static_cast<std::size_t>(core), &mask);
  }
  if (sched_setaffinity(0, sizeof mask, &mask) != 0) {
    throw Error(ErrorCode::unavailable, fmt::format("cores {}", fmt::join(cores, ", ")),
                fmt::format("a thread cannot be pinned to them: {}", std::strerror(errno)));
  }
}

int parse_core(std::string_view text) {
  int core = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), core);
  if (error != std::errc{} || end != text.data() + text.size() || core < 0 || core >= kMostCores) {
    throw Error(ErrorCode::corrupt_data, fmt::format("'{}' is not the number of a core", text));
  }
  return core;
}

}  // namespace

void apply(const Scheduling& scheduling) {
  if (!scheduling.cores.empty()) pin(scheduling.cores);
  if (scheduling.nice < 0 || scheduling.nice > kHighestNice) {
    throw Error(ErrorCode::invalid_argument, "nice",
                fmt::format("is {}; it must be 0 to {}", scheduling.nice, kHighestNice));
  }
  const auto thread = static_cast<id_t>(::syscall(SYS_gettid));
  if (scheduling.nice > 0) {
    const int wanted = std::min(getpriority(PRIO_PROCESS, thread) + scheduling.nice, kHighestNice);
    if (setpriority(PRIO_PROCESS, thread, wanted) != 0) {
      throw Error(ErrorCode::unavailable, "nice", fmt::format("cannot be set: {}", std::strerror(errno)));
    }
  }
  if (scheduling.idle_io && ::syscall(SYS_ioprio_set, kIoPriorityOfProcess, 0, kIoPriorityIdle) != 0) {
    throw Error(ErrorCode::unavailable, "idle_io", fmt::format("cannot be set: {}", std::strerror(errno)));
  }
}

std::vector<int> allowed_cores() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof mask, &mask) != 0) return cores;
  for (int core = 0; core < kMostCores; ++core) {
    if (CPU_ISSET(static_cast<std::size_t>(core), &mask)) cores.push_back(core);
  }
  return cores;
}

std::vector<int> cores_of_numa_node(int node, const std::filesystem::path& root) {
  const auto list = root / fmt::format("sys/devices/system/node/node{}/cpulist", node);
  try {
    return parse_core_list(read_file(list, kLongestList));
  } catch (const Error& error) {
    throw Error(ErrorCode::invalid_argument, fmt::format("NUMA node {}", node),
                fmt::format("its cores cannot be read: {}", error.what()));
  }
}

std::vector<int> parse_core_list(const std::string& text) {
  std::vector<int> cores;
  std::string_view rest(text);
  while (!rest.empty() && rest.back() == '\n') rest.remove_suffix(1);
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    const std::size_t dash = part.find('-');
    const int first = parse_core(part.substr(0, dash));
    const int last = dash == std::string_view::npos ? first : parse_core(part.substr(dash + 1));
    for (int core = first; core <= last; ++core) cores.push_back(core);
  }
  return cores;
}

}  // namespace vivace::base
