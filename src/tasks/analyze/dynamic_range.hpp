#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace vivace::analyze {

/// Dynamic range of one channel in dB as the TT meter ("DR14") defines it: of whole blocks of 3 s, the second largest
/// peak over the root mean square of the loudest fifth (at least one), where a full-scale sine has a root mean square
/// of
/// 1. Not rounded. Memory: 12 bytes every 3 s.
class DynamicRange {
 public:
  explicit DynamicRange(int sample_rate);

  void push(std::span<const float> samples);

  std::size_t blocks() const { return peaks_.size(); }
  /// Nothing where there are less than two blocks that are not silent.
  std::optional<double> value() const;

 private:
  std::size_t block_;       // samples
  std::size_t filled_ = 0;  // samples of the block under way, its sum of squares and its peak
  double squares_ = 0;
  float peak_ = 0;
  std::vector<double> powers_;  // mean square of each block
  std::vector<float> peaks_;
};

}  // namespace vivace::analyze
