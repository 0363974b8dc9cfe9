#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "dsp/lanes.hpp"
#include "tasks/analyze/chroma_filters.hpp"

namespace vivace::analyze {

/// Mean and deviation of chroma whose tuning is known only at the end of a track: kept for equidistant tunings, of
/// which the nearest four make a cubic polynomial. Each frame's pitch classes are divided by their maximum, as librosa
/// does. Memory is bounded, unless frames are kept. Not thread-safe: one a track.
class TunedChroma {
 public:
  /// `points` tunings, at least 4, from -0.5 to 0.5.
  TunedChroma(std::size_t points, bool keep_frames);

  std::size_t rows() const { return sums_.size(); }
  double tuning(std::size_t point) const { return -0.5 + step_ * static_cast<double>(point); }

  /// The first `count` lanes of chroma that is not yet normalised, [points, kPitchClasses]; changes them.
  void add(std::span<dsp::Lanes> chroma, std::size_t count);

  std::size_t frames() const { return frames_; }
  /// Of a tuning within -0.5 … 0.5, one number a pitch class.
  std::vector<float> means(double tuning) const;
  std::vector<float> deviations(double tuning) const;
  /// [frames, kPitchClasses], if frames are kept.
  std::vector<float> curve(double tuning) const;

 private:
  std::vector<float> interpolated(double tuning, std::span<const double> rows) const;

  double step_;
  bool keep_frames_;
  std::size_t frames_ = 0;
  std::vector<double> sums_;     // [points, kPitchClasses]
  std::vector<double> squares_;  // the same
  std::vector<float> kept_;      // [frames, points, kPitchClasses]
};

}  // namespace vivace::analyze
