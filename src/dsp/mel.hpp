#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "dsp/lanes.hpp"

namespace vivace::dsp {

/// `slaney`: 3 f / 200 below 1000 Hz, 15 + 27 ln(f / 1000) / ln 6.4 above (Auditory Toolbox).
/// `htk`: 2595 log10(1 + f / 700).
enum class MelScale { slaney, htk };
/// On which axis the sides of a triangle are straight.
enum class MelSlopes { hz, mel };
/// `unit_area`: divided by half the width in Hz, (e[i+2] - e[i]) / 2. `unit_peak`: the highest weight is 1.
enum class MelNormalisation { unit_area, unit_peak };

struct MelOptions {
  double sample_rate = 0;  ///< Hz
  std::size_t fft_size = 0;
  std::size_t bands = 0;
  double low_hz = 0;
  double high_hz = 0;
  MelScale scale = MelScale::slaney;
  MelSlopes slopes = MelSlopes::hz;
  MelNormalisation normalisation = MelNormalisation::unit_area;
};

/// bands + 2 frequencies in Hz, equally spaced on the mel scale from low_hz to high_hz.
std::vector<double> mel_edges(const MelOptions& options);

/// Where the weights of a band lie: `count` from weight `first_weight` on, for the bins from `first_bin` on. Zeros make
/// the count a multiple of 8 where the spectrum is long enough.
struct MelBand {
  std::size_t first_bin = 0;
  std::size_t first_weight = 0;
  std::size_t count = 0;
};

/// A bank of overlapping triangles over the bins of a spectrum. Immutable; safe from many threads.
class MelBank {
 public:
  /// Throws Error(invalid_argument) for no bands, or frequencies that are not 0 <= low < high <= sample_rate / 2.
  explicit MelBank(const MelOptions& options);

  std::size_t bands() const { return bands_.size(); }
  std::size_t bins() const { return bins_; }

  /// The weighted sums of a spectrum of `bins()` values into `bands()` values.
  void apply(std::span<const float> spectrum, std::span<float> dst) const;
  /// The same of kLanes spectra at once.
  void apply(std::span<const Lanes> spectra, std::span<Lanes> dst) const;

  /// The weight of one bin in one band.
  float weight(std::size_t band, std::size_t bin) const;

 private:
  std::size_t bins_;
  std::vector<MelBand> bands_;
  std::vector<float> weights_;
};

}  // namespace vivace::dsp
