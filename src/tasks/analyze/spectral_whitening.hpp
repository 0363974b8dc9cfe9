#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tasks/analyze/spectral_peaks.hpp"

namespace vivace::analyze {

/// Makes the peaks of a spectrum about equally high: each is divided by an envelope of the spectrum, as Essentia's
/// SpectralWhitening does. Not thread-safe.
///
/// The envelope at each 100 Hz is sqrt(sum w s^4 / sum w s^2) over the magnitudes s from 0.66 to 1.58 times that
/// frequency (at least 50 Hz to both sides), with w = (1 - |d|)^4 and d = -1 … 1 across them; between, its decibels are
/// interpolated. What is above the envelope becomes 1, what is 15 dB below it becomes -100 dB, and all fall by 2.5 dB a
/// kHz. Decibels are 10 log10 of a magnitude here. (Measured from Essentia 2.1b6 with impulses: weights to 1e-4.)
class SpectralWhitening {
 public:
  /// For spectra of `bins` bins, and peaks up to `high_hz`.
  SpectralWhitening(std::size_t bins, double bin_hz, double high_hz);

  /// Replaces the heights of `peaks`.
  void apply(std::span<const float> magnitudes, std::span<SpectralPeak> peaks);

 private:
  struct Node {
    std::size_t first_bin = 0;
    std::size_t first_weight = 0;
    std::size_t count = 0;
  };
  void measure(std::span<const float> magnitudes);
  double envelope_at(double hz) const;

  std::vector<Node> nodes_;
  std::vector<float> weights_;
  std::vector<float> powers_;
  std::vector<double> envelope_;  // dB, one a node
};

}  // namespace vivace::analyze
