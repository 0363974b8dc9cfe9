#pragma once

#include <cstddef>

#include "base/scheduling.hpp"
#include "base/thread_budget.hpp"
#include "vivace/threads.hpp"

namespace vivace::runtime {

/// The threads of an engine by number, and the cores that it has taken for them.
struct ThreadAllotment {
  std::size_t workers = 1;
  std::size_t intra_op = 1;
  base::ThreadBudget::Share share{};
  base::Scheduling scheduling{};

  /// That of one worker.
  base::Scheduling of_worker(std::size_t worker) const;
};

/// Settles what is left to the plan. Throws Error(invalid_argument) for numbers out of range, and for cores and NUMA
/// nodes that are not there.
ThreadAllotment allot(const ThreadOptions& options, base::ThreadBudget& budget);

}  // namespace vivace::runtime
