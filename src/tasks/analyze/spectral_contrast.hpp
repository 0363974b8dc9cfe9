#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "dsp/lanes.hpp"
#include "tasks/analyze/contrast_bands.hpp"
#include "tasks/analyze/decibel_frames.hpp"
#include "tasks/analyze/frame_statistics.hpp"

namespace vivace::analyze {

inline constexpr std::size_t kLibrosaContrastRows = 7;
inline constexpr std::size_t kEssentiaContrastRows = 6;

/// librosa's spectral_contrast of magnitudes: dB(mean of the highest) - dB(mean of the lowest), each limited to the 80
/// dB below its own maximum over all frames and bands. Kept as DecibelFrames keeps them.
class LibrosaContrast {
 public:
  explicit LibrosaContrast(int sample_rate);

  /// Whether the rate has all bands; otherwise there is nothing to add.
  bool has_bands() const { return !bands_.empty(); }
  /// The first `count` lanes of spectra of kBins magnitudes.
  void add(std::span<const dsp::Lanes> magnitude, std::size_t count);
  /// [frames, kLibrosaContrastRows] of every `stride()`-th frame.
  std::vector<float> finish() const;
  std::size_t stride() const { return decibels_.stride(); }

 private:
  std::vector<ContrastBand> bands_;
  DecibelFrames decibels_;  // of the highest, then of the lowest
  float highest_peak_ = -1000;
  float highest_valley_ = -1000;
};

/// Essentia's SpectralContrast of magnitudes that are scaled so that a full-scale sine has 1:
/// -(mean of the highest / mean of the lowest)^(1 / ln(mean of the band)), means at least 1e-30, limited to -1e6.
class EssentiaContrast {
 public:
  explicit EssentiaContrast(int sample_rate) : bands_(essentia_contrast_bands(sample_rate)) {}

  /// One row a lane, for spectra of kBins magnitudes that are multiplied by `scale`.
  std::vector<dsp::LaneValues> rows(std::span<const dsp::Lanes> magnitude, float scale) const;

 private:
  std::vector<ContrastBand> bands_;
};

}  // namespace vivace::analyze
