#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace vivace {

/// Where a model is run.
enum class Isolation {
  none,     ///< in the caller's process
  process,  ///< in worker processes, so that a crash fails the requests under way and nothing else
};

/// How a model is run in worker processes. Only `mode` is read where it is `none`.
struct IsolationOptions {
  Isolation mode = Isolation::none;
  /// Worker processes, 1 to 256; each loads the model and has one run under way at a time. 0: as many as there are
  /// usable cores. The engine has at least as many workers (see ThreadOptions).
  std::size_t processes = 1;
  /// Logical CPUs that the workers may use, dealt out in equal stretches; where they are fewer than the workers, one
  /// each in turn. Empty: those of the caller.
  std::vector<int> cores{};
  /// Bytes of memory that each worker may allocate, at least 64 MiB; 0: no limit. What it may not allocate fails the
  /// request with resource_exhausted, or with unavailable where the worker ends of it. Tensors that are shared with the
  /// caller do not count.
  std::size_t memory_limit_bytes = 0;
  /// Bytes that the outputs of one run may take in memory that is shared with the caller, 1 MiB to 1 TiB. A worker that
  /// asks for more is replaced, and the request fails with resource_exhausted.
  std::size_t output_limit_bytes = std::size_t{4} << 30;
  int nice = 0;  ///< how much lower their priority is than the caller's, 0 to 19
  /// How long a run that was stopped may go on before its worker is replaced, and a run under way at the engine's end
  /// before it fails with unavailable; up to 10 minutes.
  std::chrono::milliseconds stop_grace{1000};
  /// How long a worker may take from its start until it has loaded the model, whatever it writes meanwhile; 1 ms to
  /// 1 hour.
  std::chrono::milliseconds start_timeout{120'000};
  /// What is waited before a worker that crashed is started again: `restart_delay`, doubled with every crash until it
  /// answers a request, up to `longest_restart_delay`. Both up to 1 hour.
  std::chrono::milliseconds restart_delay{10};
  std::chrono::milliseconds longest_restart_delay{5000};
  /// After so many crashes (1 to 1000) within `crash_window` and without an answer in between, all requests fail at
  /// once with unavailable, and no worker is started, for the time of `cool_down`. Both 1 ms to 1 day.
  std::size_t crash_limit = 5;
  std::chrono::milliseconds crash_window{60'000};
  std::chrono::milliseconds cool_down{10'000};
};

}  // namespace vivace
