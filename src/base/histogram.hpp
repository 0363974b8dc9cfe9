#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace vivace::base {

/// Counts of whole numbers in log-linear buckets: 64 to each power of two, exact below 128, so that a quantile is
/// within 0.8 % of the truth. A value type: copies and merges.
class HistogramCounts {
 public:
  static constexpr std::size_t kBuckets = std::size_t{64} * 59;

  /// The bucket of a value, and the middle of a bucket.
  static std::size_t bucket_of(std::uint64_t value);
  static double middle_of(std::size_t bucket);

  HistogramCounts() : counts_(kBuckets) {}

  void add(std::size_t bucket, std::uint64_t count);
  /// Adds all of another histogram, as if its values had been recorded here.
  void merge(const HistogramCounts& other);

  std::uint64_t count() const { return count_; }
  /// The mean of the buckets' middles; 0 without values.
  double mean() const;
  /// The smallest value that is not below `share` (0 … 1) of all: the middle of its bucket. 0 without values.
  double quantile(double share) const;

 private:
  std::vector<std::uint64_t> counts_;  // [kBuckets]
  std::uint64_t count_ = 0;
};

/// Records values from many threads without a lock.
class Histogram {
 public:
  void record(std::uint64_t value) {
    counts_[HistogramCounts::bucket_of(value)].fetch_add(1, std::memory_order_relaxed);
  }
  /// What was recorded so far.
  HistogramCounts snapshot() const;

 private:
  std::array<std::atomic<std::uint64_t>, HistogramCounts::kBuckets> counts_{};
};

}  // namespace vivace::base
