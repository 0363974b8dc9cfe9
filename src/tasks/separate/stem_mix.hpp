#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "vivace/separate.hpp"

namespace vivace::separate {

/// A signal that comes out: a part of the mix and parts of the network's signals.
struct MixedStem {
  std::string name;
  float mix = 0;
  std::vector<float> signals;  ///< one weight a signal of the network
};

/// The stems that options ask for, out of what a network gives.
struct StemMix {
  std::vector<std::size_t> wanted;  ///< stems of the model that the network is to give, in this order
  std::vector<MixedStem> stems;
  bool whole = false;  ///< the stems are meant to make up the mix
};

/// For a model with `stems`, all of which the network can give. Throws Error(invalid_argument) for stems that it has
/// not, naming those that it has.
StemMix choose_stems(const std::vector<std::string>& stems, const SeparateOptions& options);

/// The stems of a choice out of signals that are not the model's stems themselves: `model_stems` says, for each of
/// these, of what it is made.
std::vector<MixedStem> compose(const StemMix& choice, const std::vector<MixedStem>& model_stems);

/// Makes `mixed` the stems [stems, 2, frames] of the mix [2, frames] and the signals [signals, 2, frames].
void mix_stems(const std::vector<MixedStem>& stems, std::span<const float> mix, std::span<const float> signals,
               std::vector<float>& mixed);

}  // namespace vivace::separate
