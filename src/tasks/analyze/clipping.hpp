#pragma once

#include <cstdint>
#include <span>

namespace vivace::analyze {

/// Counts the samples of one channel that lie in runs of at least 3 samples at full scale, on the same side. Full scale
/// begins at 32767/32768, the largest value of 16 bits.
class ClippingCounter {
 public:
  void push(std::span<const float> samples);

  std::uint64_t clipped() const { return clipped_; }

 private:
  void add(float sample);

  int side_ = 0;           // of the run under way: -1, 1, or 0 where there is none
  std::uint64_t run_ = 0;  // its samples so far
  std::uint64_t clipped_ = 0;
};

}  // namespace vivace::analyze
