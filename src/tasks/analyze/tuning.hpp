#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace vivace::analyze {

/// librosa's estimate_tuning: by how much of a bin most spectral peaks lie above the bins of the equally tempered scale
/// with A4 at 440 Hz. Peaks are local maxima within 150 … 4000 Hz above a tenth of their frame's highest value,
/// interpolated by parabolas; those of at least the median height are counted, in steps of 0.01.
///
/// Two steps are often as good as equal; so what decides is rounded to float32 where librosa does.
///
/// Memory is bounded: of more than 500,000 peaks, about a quarter of an hour of music, heights are counted in 128 steps
/// an octave, and where the median falls within such a step, its share of the step counts. Not thread-safe: one a
/// track.
class TuningEstimator {
 public:
  TuningEstimator(int sample_rate, int bins_per_octave);

  /// Counts the peaks of a spectrum of kBins values, of magnitudes or of powers.
  void add(std::span<const float> spectrum);
  /// Fraction of a bin, -0.5 … 0.49; 0 without peaks.
  double estimate();

 private:
  static constexpr std::size_t kResiduals = 100;
  static constexpr std::size_t kOctaves = 256;  // of positive floats
  static constexpr std::size_t kSteps = 128;    // of height an octave
  static constexpr std::size_t kMostKept = std::size_t{1} << 19;
  using Counts = std::array<std::uint32_t, kResiduals>;
  using Octave = std::array<Counts, kSteps>;
  using Votes = std::array<double, kResiduals>;  // peaks by residual
  struct Peak {
    float height;
    std::uint32_t residual;  // its step
  };

  void add_peak(float left, float middle, float right, std::size_t bin);
  /// Moves the peaks that are kept into the counts.
  void count_peaks();
  Counts& counts_of(float height);
  Votes kept_votes();
  Votes counted_votes() const;

  double bin_hz_;
  int bins_per_octave_;
  std::size_t first_bin_;
  std::size_t end_bin_;
  std::vector<Peak> kept_;
  std::array<std::unique_ptr<Octave>, kOctaves> counts_;  // by height
  std::uint64_t counted_ = 0;
};

}  // namespace vivace::analyze
