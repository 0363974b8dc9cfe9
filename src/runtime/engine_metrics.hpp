#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

#include "base/histogram.hpp"
#include "vivace/engine.hpp"

namespace vivace::runtime {

/// Counts what an engine does. Safe from many threads; only the sizes of batches take a lock, once a run.
class MetricsRecorder {
 public:
  void count_prediction(const RequestMetrics& request, double total_s);
  void count_run(std::size_t rows, double seconds);
  void count_failure(ErrorCode code);

  /// What was counted so far; what the engine knows of itself (waiting requests, times, memory) is left at 0.
  EngineMetrics snapshot() const;

 private:
  static constexpr std::size_t kCodes = static_cast<std::size_t>(ErrorCode::internal) + 1;

  std::array<std::atomic<std::uint64_t>, kCodes> failures_{};
  std::atomic<std::uint64_t> rows_ = 0;
  base::Histogram queue_ns_;
  base::Histogram prepare_ns_;
  base::Histogram infer_ns_;
  base::Histogram copy_out_ns_;
  base::Histogram total_ns_;
  mutable std::mutex mutex_;
  std::map<std::size_t, std::uint64_t> batches_;
  double first_run_s_ = 0;
};

}  // namespace vivace::runtime
