#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "dsp/half_band.hpp"
#include "dsp/lanes.hpp"
#include "dsp/projection.hpp"

namespace vivace::dsp {

struct ConstantQOptions {
  double sample_rate = 0;  ///< Hz, at least 2.5 times the highest frequency
  double lowest_hz = 0;    ///< of the first bin
  std::size_t octaves = 0;
  std::size_t bins_per_octave = 0;
  std::size_t hop = 0;           ///< samples, a multiple of 2^(octaves - 1)
  std::size_t oversampling = 1;  ///< a power of two: by which the windows were sampled more densely when made
  double sparsity = 0;           ///< share of a filter's spectrum that may be left out, of its sum of magnitudes
};

/// Magnitudes of the constant-Q transform of a mono signal as librosa's cqt defines it: Hann windows of
/// Q sample_rate / f samples, Q = (r^2 + 1) / (r^2 - 1), r = 2^(1 / bins_per_octave), sums of weights 1, times the root
/// of the length; frames centred on every hop-th sample, zeros beyond the ends, 1 + floor(n / hop) frames of n samples.
/// Every octave but the highest takes half the rate of the one above. A frame is as long as the least power of two that
/// holds the octave's longest window; of a filter's transform at that length, without negative frequencies, the least
/// values are zero as long as their magnitudes add up to less than `sparsity` of all. Memory: about a second. Not
/// thread-safe: one a stream.
class ConstantQ {
 public:
  /// Throws Error(invalid_argument) for a rate, or a hop, that does not fit.
  explicit ConstantQ(const ConstantQOptions& options);

  std::size_t bins() const { return octaves_.size() * bins_per_octave_; }

  /// Feeds samples; calls `emit(std::span<const Lanes> magnitudes, std::size_t frames)` for each kLanes frames that
  /// became complete: magnitudes of bins(), lowest first, of which the first `frames` lanes hold a frame.
  template <typename Emit>
  void push(std::span<const float> samples, Emit&& emit) {
    feed(samples);
    while (is_ready()) emit(next(), kLanes);
  }

  /// Ends the stream: emits the other frames.
  template <typename Emit>
  void finish(Emit&& emit) {
    end();
    for (std::size_t rest = frames(); emitted_ < rest;) {
      const std::size_t count = rest - emitted_ < kLanes ? rest - emitted_ : kLanes;
      emit(next(), count);
    }
  }

 private:
  struct Octave {
    std::size_t hop = 0;
    std::vector<float> samples;  // from reach_ before the centre of the next frame on
    HalfBandDecimator decimator;
  };

  void make_filters(const ConstantQOptions& options);
  void feed(std::span<const float> samples);
  void end();
  std::size_t frames() const { return samples_ == 0 ? 0 : 1 + samples_ / octaves_.front().hop; }
  bool is_ready() const;
  /// What the next kLanes frames see, and at least what they move on.
  std::size_t samples_needed(const Octave& octave) const;
  /// The magnitudes of the next kLanes frames; zeros follow where samples are missing.
  std::span<const Lanes> next();
  /// Fills cosines_ and sines_.
  void transform(Octave& octave);

  std::size_t bins_per_octave_;
  std::size_t reach_ = 0;            // samples on each side of a frame's centre: half a frame
  std::vector<Projection> filters_;  // cosines of sums, sines of differences of samples on both sides
  std::vector<float> lengths_;       // roots of the windows' lengths, by bin of an octave, the highest octave's
  std::vector<Octave> octaves_;      // the highest first
  std::vector<float> decimated_;
  std::vector<float> sums_;         // [kLanes, reach_]
  std::vector<float> differences_;  // the same
  std::vector<Lanes> folded_;
  std::vector<Lanes> cosines_;
  std::vector<Lanes> sines_;
  std::vector<Lanes> magnitudes_;
  std::size_t samples_ = 0;
  std::size_t emitted_ = 0;
};

}  // namespace vivace::dsp
