#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "dsp/frame_cutter.hpp"
#include "dsp/mel.hpp"
#include "dsp/real_fft.hpp"
#include "model/manifest.hpp"

namespace vivace::embed {

/// Turns a stream of mono samples into log-mel frames, as the manifest's [front_end] says:
/// window, |FFT| or |FFT|^2, mel bands, (log(multiply x + add) - mean) / divisor.
/// Not thread-safe: one a stream; after `finish` it serves the next.
class MelFrontEnd {
 public:
  /// The settings must be those of a checked manifest.
  MelFrontEnd(const model::FrontEnd& settings, int sample_rate);

  std::size_t bands() const { return bank_.bands(); }

  /// Appends the frames that became complete to `dst`, [frames, bands] row-major.
  void push(std::span<const float> samples, std::vector<float>& dst);
  /// Ends the stream: appends the remaining frames.
  void finish(std::vector<float>& dst);

 private:
  void append_frame(std::span<const float> samples, std::vector<float>& dst);

  model::FrontEnd settings_;
  std::vector<float> window_;
  dsp::FrameCutter cutter_;
  dsp::RealFft fft_;
  dsp::MelBank bank_;
  std::vector<float> spectrum_;
  float log_factor_;  // turns a natural logarithm into the wanted one, divided by the divisor
  float offset_;
};

}  // namespace vivace::embed
