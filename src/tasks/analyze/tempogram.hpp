#pragma once

#include <span>
#include <vector>

namespace vivace::analyze {

/// The mean over time of librosa 0.11's tempogram: autocorrelations of the strengths under a periodic Hann window of
/// `window` frames around a frame, divided by their value at lag 0. One value in 0 … 1 a lag, of lags 0 … window - 1.
/// Beyond the ends the envelope falls linearly to 0 over half a window. The mean is over every 4th frame: windows of
/// seconds hardly differ from one frame to the next.
std::vector<float> mean_tempogram(std::span<const float> envelope, std::size_t window);

/// A tempo as a lag in frames of the envelope.
struct TempoLag {
  std::size_t frames = 0;  ///< 0: none
  double confidence = 0;   ///< in 0 … 1, see best_lag
};

/// librosa's choice (feature.tempo): the lag below 320 BPM with the largest log(1 + 1e6 t) - log2(BPM / 120)^2 / 2,
/// with t the mean tempogram and `frame_rate` in Hz. The confidence is (r - m) / (1 - m), with r the tempogram over the
/// autocorrelation of its window, and m the mean of r over the lags of 30 … 320 BPM: 0 where no lag stands out, 1 where
/// all the rhythm repeats after this one.
TempoLag best_lag(std::span<const float> tempogram, double frame_rate);

}  // namespace vivace::analyze
