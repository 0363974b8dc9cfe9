#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace vivace::analyze {

/// A local maximum of a magnitude spectrum.
struct SpectralPeak {
  float hz = 0;
  float magnitude = 0;
};

struct PeakRange {
  double bin_hz = 0;
  double low_hz = 0;
  double high_hz = 0;
  float threshold = 0;  ///< of magnitude
  std::size_t most = 0;
};

/// Replaces `peaks` by the `range.most` highest peaks of a spectrum between two frequencies, in no order. As in
/// Essentia's SpectralPeaks, position and height are those of the parabola through a maximum and its neighbours; the
/// first bin of the range counts as a peak where the second is lower, and its last bin never does.
void find_peaks(std::span<const float> magnitudes, const PeakRange& range, std::vector<SpectralPeak>& peaks);

}  // namespace vivace::analyze
