#pragma once

#include <span>
#include <string>

#include "tasks/analyze/pitch_classes.hpp"

namespace vivace::analyze {

/// How strongly each pitch class sounds in a key, from the tonic upwards.
struct KeyProfile {
  std::string name;    ///< "bgate"
  std::string source;  ///< whose
  PitchClasses major;
  PitchClasses minor;
};

/// bgate first, then the others.
std::span<const KeyProfile> key_profiles();

/// A key that was found.
struct Key {
  std::string tonic;    ///< C, Db, D, Eb, E, F, Gb, G, Ab, A, Bb, B
  std::string scale;    ///< major, minor
  double strength = 0;  ///< correlation in -1 … 1
};

/// The key whose profile correlates best (Pearson) with what sounds. Pitch classes below a fifth of the strongest count
/// as silent, as in Essentia's KeyExtractor; of a major and a minor key that correlate equally, the minor one is taken.
/// `sounding` is not all zero.
Key best_key(const PitchClasses& sounding, const KeyProfile& profile);

}  // namespace vivace::analyze
