#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "dsp/k_weighting.hpp"
#include "media/audio_block.hpp"

namespace vivace::analyze {

/// Weights G of ITU-R BS.1770-4: 1 for channels in front of the listener and straight behind, 1.41 for surrounds at the
/// sides, 0 for low-frequency effects. Of a file only the number of channels counts, in FFmpeg's order:
/// 1 mono · 2 FL FR · 3 FL FR FC · 4 FL FR and surrounds · 5 FL FR FC and surrounds · 6 FL FR FC LFE and surrounds ·
/// 7 FL FR FC LFE, one behind, surrounds · 8 FL FR FC LFE, two behind, surrounds. Other counts: 1 for each.
std::vector<double> channel_weights(std::size_t channels);

/// Energies of K-weighted sub-blocks of 100 ms (a whole number of samples, rounded as in libebur128): the mean square
/// of each channel, times its weight, summed. What remains at the end is dropped. Memory: 8 bytes per 100 ms.
class KWeightedMeter {
 public:
  KWeightedMeter(int sample_rate, const std::vector<double>& weights);

  void push(const media::AudioBlock& block);

  std::span<const double> energies() const { return energies_; }

 private:
  /// Two channels that are filtered side by side.
  struct Pair {
    std::array<std::size_t, 2> channels{};
    std::array<double, 2> weights{};
    std::array<double, 10> state{};  // pairs: two values of the shelf, two of the high-pass, sum of squares
  };

  void measure(const media::AudioBlock& block, std::size_t begin, std::size_t count);

  dsp::KWeighting filters_;
  std::vector<Pair> pairs_;
  std::size_t sub_block_;   // samples
  std::size_t filled_ = 0;  // samples of the sub-block under way
  double energy_ = 0;       // its weighted sum of squares
  std::vector<double> energies_;
};

}  // namespace vivace::analyze
