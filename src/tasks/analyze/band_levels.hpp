#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tasks/analyze/feature.hpp"

namespace vivace::analyze {

inline constexpr std::size_t kBands = 4;
inline constexpr std::size_t kBandSections = 5;

/// Root mean squares of four bands of a mono signal, each cut out by a Butterworth band-pass of 5th order: 20 to 120,
/// 120 to 600, 600 to 2500 and 2500 to 22000 Hz. A band ends below half the sample rate; one that begins above has no
/// value. Not thread-safe: one a track.
class BandLevels {
 public:
  explicit BandLevels(int sample_rate);

  void push(std::span<const float> mono);

  /// One value a band, in dBFS.
  std::vector<FieldValue> values() const;

  /// The fields `level.band_<low>_<high>_dbfs`.
  static std::vector<FieldInfo> fields();

 private:
  using OfBands = std::array<double, kBands>;

  /// Filters of all bands side by side; a band without a value has gain 0.
  struct Bank {
    OfBands gain{};
    std::array<OfBands, kBandSections> a1{}, a2{};
  };
  /// Values one and two samples ago of each section (direct form II), and the sum of squares of what left.
  struct State {
    std::array<OfBands, kBandSections> once{}, twice{};
    OfBands squares{};
  };

  static void filter(const Bank& bank, std::span<const float> samples, State& state);

  Bank bank_;
  State state_;
  std::size_t samples_ = 0;
};

}  // namespace vivace::analyze
