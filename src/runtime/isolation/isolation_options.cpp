#include "runtime/isolation/isolation_options.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>

#include "base/machine.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostProcesses = 256;
constexpr std::size_t kLeastMemory = std::size_t{64} << 20;
constexpr std::size_t kLeastOutputs = std::size_t{1} << 20;
constexpr std::size_t kMostOutputs = std::size_t{1} << 40;
constexpr std::size_t kMostCrashes = 1000;
constexpr milliseconds kTenMinutes = std::chrono::minutes(10);
constexpr milliseconds kHour = std::chrono::hours(1);
constexpr milliseconds kDay = std::chrono::hours(24);

template <typename T>
void require_range(const char* name, T value, T least, T most) {
  if (value >= least && value <= most) return;
  throw Error(ErrorCode::invalid_argument, fmt::format("isolation.{}", name),
              fmt::format("is {}; it must be {} to {}", value, least, most));
}

void require_range(const char* name, milliseconds value, milliseconds least, milliseconds most) {
  if (value >= least && value <= most) return;
  throw Error(ErrorCode::invalid_argument, fmt::format("isolation.{}", name),
              fmt::format("is {} ms; it must be {} to {} ms", value.count(), least.count(), most.count()));
}

void require_cores(std::vector<int> cores) {
  for (const int core : cores) require_range("cores", core, 0, CPU_SETSIZE - 1);
  std::sort(cores.begin(), cores.end());
  const auto twice = std::adjacent_find(cores.begin(), cores.end());
  if (twice == cores.end()) return;
  throw Error(ErrorCode::invalid_argument, "isolation.cores", fmt::format("names core {} twice", *twice));
}

}  // namespace

IsolationOptions checked(IsolationOptions options) {
  if (options.processes == 0) options.processes = base::usable_cores(base::read_machine());
  require_range<std::size_t>("processes", options.processes, 1, kMostProcesses);
  require_cores(options.cores);
  if (options.memory_limit_bytes > 0) {
    require_range("memory_limit_bytes", options.memory_limit_bytes, kLeastMemory, std::size_t{1} << 50);
  }
  require_range("output_limit_bytes", options.output_limit_bytes, kLeastOutputs, kMostOutputs);
  require_range("nice", options.nice, 0, 19);
  require_range("stop_grace", options.stop_grace, milliseconds(0), kTenMinutes);
  require_range("start_timeout", options.start_timeout, milliseconds(1), kHour);
  require_range("restart_delay", options.restart_delay, milliseconds(0), kHour);
  require_range("longest_restart_delay", options.longest_restart_delay, options.restart_delay, kHour);
  require_range<std::size_t>("crash_limit", options.crash_limit, 1, kMostCrashes);
  require_range("crash_window", options.crash_window, milliseconds(1), kDay);
  require_range("cool_down", options.cool_down, milliseconds(1), kDay);
  return options;
}

std::vector<int> cores_of(const IsolationOptions& options, std::size_t worker) {
  const std::vector<int>& cores = options.cores;
  if (cores.empty()) return {};
  if (cores.size() < options.processes) return {cores[worker % cores.size()]};
  const auto begin = static_cast<std::ptrdiff_t>(worker * cores.size() / options.processes);
  const auto end = static_cast<std::ptrdiff_t>((worker + 1) * cores.size() / options.processes);
  return {cores.begin() + begin, cores.begin() + end};
}

}  // namespace vivace::runtime
