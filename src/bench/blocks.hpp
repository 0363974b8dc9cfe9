#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bench/metric.hpp"
#include "bench/result.hpp"

namespace vivace::bench {

/// How often each block of a run is taken, [blocks].
using BlockWeights = std::span<const std::uint32_t>;

/// Values, each of one block. Gives quantiles and mean of any resample of whole blocks without copying the values.
class BlockedValues {
 public:
  /// `values[i]` is of block `blocks[i]` < `block_count`.
  BlockedValues(const std::vector<double>& values, const std::vector<std::uint32_t>& blocks, std::size_t block_count);

  /// The smallest value that is not below `share` of the resample; 0 where that is empty.
  double quantile(BlockWeights weights, double share) const;
  double mean(BlockWeights weights) const;

 private:
  std::uint64_t count_before(std::size_t row, BlockWeights weights) const;

  std::vector<double> values_;         // ascending
  std::vector<std::uint32_t> blocks_;  // of each value
  std::size_t stride_ = 1;             // values a row
  std::vector<std::uint32_t> before_;  // [rows, blocks]: how many values before the row are of the block
  std::vector<double> sums_, counts_;  // [blocks]
  std::size_t block_count_;
};

/// The answered requests of a run, cut into blocks that follow each other in time.
struct BlockedRun {
  std::size_t blocks = 0;
  BlockedValues response;
  BlockedValues service;
  std::vector<double> items;    ///< [blocks], answered
  std::vector<double> seconds;  ///< [blocks], that the block took
  bool correlated = false;      ///< the run changes its speed so slowly that smaller blocks would not be independent

  /// A metric with samples, of a resample of the blocks.
  double statistic(const Metric& metric, BlockWeights weights) const;
};

/// Into how many blocks a run is cut: 32, or fewer where there are few requests. Where neighbouring ones of these are
/// correlated, as many as are independent of each other, at least 4. 0 where there are too few requests to tell
/// anything.
std::size_t automatic_block_count(const Run& run);

/// Cuts a run into `blocks` > 0 blocks with equally many requests, in the order of their answers.
BlockedRun cut_evenly(const Run& run, std::size_t blocks);

/// Cuts a run that has slices into these, by when its requests were sent.
BlockedRun cut_by_slices(const Run& run);

}  // namespace vivace::bench
