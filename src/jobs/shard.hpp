#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vivace::jobs {

/// One of several parts of a job that share its items among them by name, so that they need not talk to each other.
struct Shard {
  std::uint32_t index = 0;  ///< 0 … count - 1
  std::uint32_t count = 1;

  /// Whether the item of this name is this part's; of exactly one part for every name, today and on every machine.
  bool holds(std::string_view name) const;
};

/// "I/N"; "auto/N" takes I from the environment, "auto" N too: JOB_COMPLETION_INDEX (indexed jobs of Kubernetes, which
/// do not tell N) or SLURM_ARRAY_TASK_ID with _MIN, _STEP and _COUNT (job arrays of Slurm).
/// Throws Error(invalid_argument).
Shard parse_shard(const std::string& text);

}  // namespace vivace::jobs
