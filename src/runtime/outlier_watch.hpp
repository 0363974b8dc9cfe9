#pragma once

#include <cstddef>
#include <mutex>

namespace vivace::runtime {

/// Tells when memory that only a far larger run than usual needed should be given back. Safe from many threads.
class OutlierWatch {
 public:
  /// Told the size of the inputs of a run that has ended. True once after runs of over four times the usual size (and a
  /// megabyte), when runs have the usual size again.
  bool is_time_to_shrink(std::size_t bytes);

 private:
  std::mutex mutex_;
  double usual_ = 0;  // smoothed; 0: no run yet
  bool had_outlier_ = false;
};

}  // namespace vivace::runtime
