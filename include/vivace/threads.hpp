#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace vivace {

/// How an engine uses the cores where it is not told by number.
enum class ThreadPlan {
  throughput,  ///< as many runs at a time as there are cores, each on one thread
  latency,     ///< one run at a time, on all cores
};

/// The threads of an engine. Cores that are left to the plan are those that no other engine of the process has taken.
/// Backends whose threads belong to the process (OpenVINO, TensorFlow) decline `cores`, `numa_node`, `nice` and
/// `idle_io` where a run has more than one thread.
struct ThreadOptions {
  ThreadPlan plan = ThreadPlan::throughput;
  /// How many runs of queued requests are under way at a time; 0: as the plan says. `predict` runs on its caller's
  /// thread where nothing is merged, so there callers are the limit.
  std::size_t workers = 1;
  std::size_t intra_op = 1;  ///< threads of one run, its caller among them; 0: as the plan says
  /// How long the threads of a run wait busily for its next operator before they sleep. Shortens runs on several
  /// threads, and takes that much time of every core after each.
  std::chrono::microseconds spin{0};
  /// The cores that workers and the threads of runs stay on; with one thread a run, each worker keeps to one of them.
  /// Empty: any.
  std::vector<int> cores{};
  int numa_node = -1;    ///< whose cores they stay on; -1: any. Not together with `cores`
  int nice = 0;          ///< 0 … 19: the higher, the more workers and the threads of runs give way to others
  bool idle_io = false;  ///< whether their input and output give way to that of all others
};

}  // namespace vivace
