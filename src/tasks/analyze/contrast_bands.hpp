#pragma once

#include <cstddef>
#include <vector>

namespace vivace::analyze {

/// Bins whose lowest and highest values make a row of spectral contrast.
struct ContrastBand {
  std::size_t first_bin = 0;
  std::size_t bins = 0;
  std::size_t extremes = 0;  ///< how many lowest, and how many highest ones are averaged
};

/// librosa's spectral_contrast: 0 … 200 Hz, then octaves up to 6400 Hz and all above, quantile 0.02, for spectra of
/// kBins. Empty where the rate is too low for 7 bands (12.8 kHz or less) or too high for the lowest to have bins.
std::vector<ContrastBand> librosa_contrast_bands(int sample_rate);

/// Essentia's SpectralContrast: 6 bands of 20 Hz … 11 kHz (or half the rate), of which 0.15 of the bins are shared out
/// evenly and the others by octaves, neighbour ratio 0.4 (Akkermans).
std::vector<ContrastBand> essentia_contrast_bands(int sample_rate);

}  // namespace vivace::analyze
