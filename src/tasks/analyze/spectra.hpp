#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "dsp/frame_cutter.hpp"
#include "dsp/real_fft.hpp"

namespace vivace::analyze {

/// librosa's defaults: frames of 2048 samples, one every 512, centred (zeros before the first and behind the last
/// sample), weighted by a periodic Hann window; 1 + floor(n / 512) frames of n samples.
inline constexpr std::size_t kFrame = 2048;
inline constexpr std::size_t kHop = 512;
inline constexpr std::size_t kBins = kFrame / 2 + 1;

/// Frames of the short-time Fourier transform of a mono signal, row-major.
struct Spectra {
  std::size_t frames = 0;
  std::vector<float> magnitude;  ///< [frames, kBins], |X|
  std::vector<float> power;      ///< [frames, kBins], |X|^2

  std::span<const float> magnitude_of(std::size_t frame) const {
    return std::span<const float>(magnitude).subspan(frame * kBins, kBins);
  }
  std::span<const float> power_of(std::size_t frame) const {
    return std::span<const float>(power).subspan(frame * kBins, kBins);
  }
};

/// Makes the spectra that all features of a track share. Memory: those of one block. Not thread-safe: one a track.
class SpectraMaker {
 public:
  SpectraMaker();

  /// Replaces `dst` by the frames that became complete.
  void push(std::span<const float> mono, Spectra& dst);
  /// Ends the signal: replaces `dst` by the frames that zeros behind it complete.
  void finish(Spectra& dst);

 private:
  void append(std::span<const float> frame, Spectra& dst);

  std::vector<float> window_;
  dsp::FrameCutter cutter_;
  dsp::RealFft fft_;
  std::size_t samples_ = 0;
  std::size_t emitted_ = 0;
};

}  // namespace vivace::analyze
