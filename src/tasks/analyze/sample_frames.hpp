#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace vivace::analyze {

/// What is known of a frame of samples without a spectrum.
struct SampleFrame {
  float zero_crossing_rate;  ///< changes of sign a sample, 0 … 1
  float rms;
};

/// Measures the frames of kFrame samples, one every kHop, centred, whose spectra SpectraMaker makes; as many of them.
/// Beyond the ends, samples are zero and change no sign; samples of at most 1e-10 count as positive (librosa's
/// zero_crossing_rate with its edge padding, and rms). Memory: one hop. Not thread-safe: one a track.
class SampleFrames {
 public:
  using Emit = std::function<void(const SampleFrame&)>;

  void push(std::span<const float> mono, const Emit& emit);
  void finish(const Emit& emit);

 private:
  struct Hop {
    float energy = 0;
    int inner_crossings = 0;
    int first_crossing = 0;  // whether the first sample has another sign than the one before the hop
  };

  void end_hop();
  void emit_frame(const Emit& emit);

  std::vector<float> pending_;
  std::size_t samples_ = 0;
  std::size_t hops_ = 0;
  Hop recent_[4] = {};     // the last ones, oldest first
  bool negative_ = false;  // the last sample of the last hop
};

}  // namespace vivace::analyze
