#pragma once

#include <cstddef>
#include <vector>

namespace vivace::dsp {

/// H(z) = gain * product over sections of (1 - z^-2) / (1 + a1 z^-1 + a2 z^-2).
struct BandPass {
  struct Section {
    double a1 = 0, a2 = 0;
  };
  double gain = 1;
  std::vector<Section> sections;
};

/// Digital Butterworth band-pass by the bilinear transform, -3 dB at `low` and `high` Hz, with `order` sections: the
/// filter of scipy.signal.butter(order, [low, high], "bandpass", fs=sample_rate). `order` is odd;
/// 0 < low < high < sample_rate / 2.
BandPass butterworth_band_pass(std::size_t order, double low, double high, int sample_rate);

}  // namespace vivace::dsp
