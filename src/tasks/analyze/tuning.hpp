#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace vivace::analyze {

/// librosa's estimate_tuning: by how much of a bin most spectral peaks lie above the bins of the equally tempered scale
/// with A4 at 440 Hz. Peaks are local maxima within 150 … 4000 Hz above a tenth of their frame's highest value,
/// interpolated by parabolas; those of at least the median height are counted, in steps of 0.01.
///
/// Memory is bounded: peaks are counted by residual and by height in 128 steps an octave; where the median falls within
/// such a step, its share of the step counts. Not thread-safe: one a track.
class TuningEstimator {
 public:
  TuningEstimator(int sample_rate, int bins_per_octave);

  /// Counts the peaks of a spectrum of kBins values, of magnitudes or of powers.
  void add(std::span<const float> spectrum);
  /// Fraction of a bin, -0.5 … 0.49; 0 without peaks.
  double estimate() const;

 private:
  static constexpr std::size_t kResiduals = 100;
  static constexpr std::size_t kOctaves = 256;  // of positive floats
  static constexpr std::size_t kSteps = 128;    // of height an octave
  using Counts = std::array<std::uint32_t, kResiduals>;
  using Octave = std::array<Counts, kSteps>;

  void count_peak(float left, float middle, float right, std::size_t bin);
  Counts& counts_of(float height);

  double bin_hz_;
  int bins_per_octave_;
  std::size_t first_bin_;
  std::size_t end_bin_;
  std::array<std::unique_ptr<Octave>, kOctaves> counts_;  // by height
  std::uint64_t peaks_ = 0;
};

}  // namespace vivace::analyze
