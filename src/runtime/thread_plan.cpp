#include "runtime/thread_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

constexpr std::size_t kMostThreads = 1024;
constexpr std::chrono::seconds kLongestSpin{1};

void check(const ThreadOptions& options) {
  const auto refuse = [](const char* name, const std::string& why) {
    throw Error(ErrorCode::invalid_argument, name, why);
  };
  if (options.workers > kMostThreads) {
    refuse("workers", fmt::format("is {}; it must be 0 to {}", options.workers, kMostThreads));
  }
  if (options.intra_op > kMostThreads) {
    refuse("intra_op", fmt::format("is {}; it must be 0 to {}", options.intra_op, kMostThreads));
  }
  if (options.spin.count() < 0 || options.spin > kLongestSpin) {
    refuse("spin", fmt::format("is {} us; it must be 0 to 1000000", options.spin.count()));
  }
  if (options.numa_node < -1) refuse("numa_node", fmt::format("is {}", options.numa_node));
  if (options.numa_node >= 0 && !options.cores.empty()) refuse("numa_node", "is given together with cores");
}

/// The cores to stay on; empty: any.
std::vector<int> wanted_cores(const ThreadOptions& options) {
  if (options.numa_node < 0) return options.cores;
  const std::vector<int> allowed = base::allowed_cores();
  std::vector<int> cores;
  for (const int core : base::cores_of_numa_node(options.numa_node)) {
    if (std::find(allowed.begin(), allowed.end(), core) != allowed.end()) cores.push_back(core);
  }
  if (!cores.empty()) return cores;
  throw Error(ErrorCode::invalid_argument, fmt::format("NUMA node {}", options.numa_node),
              "has no core that this process may use");
}

}  // namespace

base::Scheduling ThreadAllotment::of_worker(std::size_t worker) const {
  base::Scheduling own = scheduling;
  if (intra_op == 1 && !own.cores.empty()) own.cores = {own.cores[worker % own.cores.size()]};
  return own;
}

ThreadAllotment allot(const ThreadOptions& options, base::ThreadBudget& budget) {
  check(options);
  ThreadAllotment allotment;
  allotment.scheduling = {wanted_cores(options), options.nice, options.idle_io};
  const bool throughput = options.plan == ThreadPlan::throughput;
  const std::size_t known = std::max<std::size_t>(throughput ? options.intra_op : options.workers, 1);
  const std::size_t wanted = throughput ? options.workers : options.intra_op;
  allotment.share = budget.take(wanted > 0 ? known * wanted : allotment.scheduling.cores.size());
  const std::size_t settled = wanted > 0 ? wanted : std::max<std::size_t>(allotment.share.cores() / known, 1);
  allotment.workers = throughput ? settled : known;
  allotment.intra_op = throughput ? known : settled;
  return allotment;
}

}  // namespace vivace::runtime
