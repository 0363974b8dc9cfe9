#pragma once

#include <complex>
#include <cstddef>
#include <memory>
#include <span>

namespace vivace::dsp {

/// Forward transform of real signals of one length: X[k] = sum x[n] exp(-2 pi i k n / size), k = 0 … size / 2,
/// unscaled. Powers of two take libavutil's SIMD transform, other even lengths KissFFT. Not thread-safe: one a thread.
class RealFft {
 public:
  /// `size` is even and in 2 … 2^20; throws Error(invalid_argument) otherwise.
  explicit RealFft(std::size_t size);
  RealFft(RealFft&&) noexcept;
  RealFft& operator=(RealFft&&) noexcept;
  ~RealFft();

  std::size_t size() const { return size_; }

  /// Where the signal goes: `size` aligned values. `forward` may overwrite them.
  std::span<float> input() { return input_; }
  /// The transform of `input()`: size / 2 + 1 bins, valid until the next call.
  std::span<const std::complex<float>> forward();

 private:
  class Transform;
  class AvTransform;
  class KissTransform;

  std::size_t size_;
  std::unique_ptr<Transform> transform_;
  std::span<float> input_;
  std::span<std::complex<float>> output_;
  struct AlignedFree {
    void operator()(float* memory) const;
  };
  std::unique_ptr<float[], AlignedFree> memory_;
};

}  // namespace vivace::dsp
