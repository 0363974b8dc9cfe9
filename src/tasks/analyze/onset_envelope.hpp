#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dsp/mel.hpp"
#include "tasks/analyze/spectra.hpp"
#include "tasks/analyze/thinned_rows.hpp"

namespace vivace::analyze {

/// Onset strength a frame: librosa 0.11's onset_strength with its defaults. Mel powers of 128 Slaney bands up to half
/// the rate in dB, not below 80 dB under the loudest of the track; the mean over the bands of what rises from a frame
/// to the next, moved by 2 frames for the centred frames of the spectra.
///
/// The loudest value is not known before the end. Frames wait for it, but no longer than for kPatience others, and then
/// take the loudest so far: exact for tracks of up to kPatience frames (12 minutes at 44.1 kHz), and for longer ones
/// whose loudness does not grow that late.
///
/// Memory: 256 bytes a waiting frame (17 MB), which waits in steps of 1/128 dB, and 4 bytes a frame. Not thread-safe:
/// one a track.
class OnsetEnvelope {
 public:
  static constexpr std::size_t kBands = 128;
  static constexpr std::size_t kPatience = kMostFramesKept;

  /// `sample_rate` in Hz is that of the spectra.
  explicit OnsetEnvelope(int sample_rate);

  void push(const Spectra& spectra);

  /// Ends the track: one strength in dB a frame, 0 for the first three.
  std::vector<float> finish();

 private:
  void push_frame(std::span<const float> power);
  void evaluate_oldest();

  dsp::MelBank bank_;
  std::vector<std::int16_t> waiting_;  // [<= kPatience, kBands], a ring
  std::size_t oldest_ = 0;             // row of the ring
  std::size_t count_ = 0;              // of waiting frames
  std::vector<float> row_;             // the frame that is coming in
  std::vector<float> now_;             // the frame that is evaluated
  std::vector<float> before_;          // the last one that was evaluated; empty before the first
  float loudest_;                      // dB
  std::vector<float> rises_;
};

}  // namespace vivace::analyze
