#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

#include "dsp/real_fft.hpp"

namespace vivace::dsp {

/// Transforms frames of a signal under a periodic Hann window, and back under the same window, so that what is
/// overlapped and added is the signal times the sum of the squared windows. Not thread-safe: one a thread.
class HannFrames {
 public:
  /// `size` samples a frame, as RealFft takes them.
  explicit HannFrames(std::size_t size);

  std::size_t size() const { return window_.size(); }
  std::size_t bins() const { return size() / 2 + 1; }

  /// The unscaled spectrum of `size` samples, valid until the next call.
  std::span<const std::complex<float>> forward(std::span<const float> samples);

  /// Where a spectrum goes before `add_inverse`, which may overwrite it: `bins` values.
  std::span<std::complex<float>> spectrum() { return inverse_.input(); }
  /// Adds `scale` times the windowed frame that has `spectrum()` to the first values of `dst`, as many as there are.
  void add_inverse(float scale, std::span<float> dst);

 private:
  std::vector<float> window_;
  RealFft forward_;
  InverseRealFft inverse_;
};

/// The sum of the squared periodic Hann windows of `frames` frames every `hop` samples:
/// [(frames - 1) * hop + size].
std::vector<float> hann_square_sum(std::size_t size, std::size_t hop, std::size_t frames);

}  // namespace vivace::dsp
