#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace vivace::dsp {

/// Halves the rate of a mono signal, block by block, without delay: dst[m] = sum h[k] src[2 m + k], zeros beyond the
/// ends, ceil(n / 2) samples of n. Flat within 1e-4 up to 0.8 of the new half rate, what would be mirrored to below
/// that is 90 dB down. Memory: the block that is being pushed. Not thread-safe: one a stream.
class HalfBandDecimator {
 public:
  HalfBandDecimator();

  /// Appends the samples that are certain by now to `dst`.
  void push(std::span<const float> src, std::vector<float>& dst);
  /// Ends the stream: appends the rest. The decimator is then as new.
  void finish(std::vector<float>& dst);

 private:
  void reset();
  void split(std::span<const float> src);
  void filter(std::size_t count, std::vector<float>& dst);

  std::vector<float> even_;  // from the next output's on
  std::vector<float> odd_;   // from the first that the next output needs
  std::size_t samples_ = 0;
};

}  // namespace vivace::dsp
