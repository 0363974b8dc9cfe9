#pragma once

#include <complex>
#include <cstddef>
#include <memory>
#include <span>

namespace vivace::dsp {

class RealTransform;

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
  std::span<float> input();
  /// The transform of `input()`: size / 2 + 1 bins, valid until the next call.
  std::span<const std::complex<float>> forward();

 private:
  std::size_t size_;
  std::unique_ptr<RealTransform> transform_;
};

/// The way back: x[n] = sum over all k of X[k] exp(2 pi i k n / size), where X[size - k] is the conjugate of X[k]:
/// unscaled, so `size` times the signal whose forward transform X is. Not thread-safe: one a thread.
class InverseRealFft {
 public:
  /// As RealFft.
  explicit InverseRealFft(std::size_t size);
  InverseRealFft(InverseRealFft&&) noexcept;
  InverseRealFft& operator=(InverseRealFft&&) noexcept;
  ~InverseRealFft();

  std::size_t size() const { return size_; }

  /// Where the bins go, size / 2 + 1; the first and the last one are real. `inverse` may overwrite them.
  std::span<std::complex<float>> input();
  /// `size` values, valid until the next call.
  std::span<const float> inverse();

 private:
  std::size_t size_;
  std::unique_ptr<RealTransform> transform_;
};

}  // namespace vivace::dsp
