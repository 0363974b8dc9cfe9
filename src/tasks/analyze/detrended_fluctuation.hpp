#pragma once

#include <span>
#include <vector>

namespace vivace::analyze {

/// How the fluctuation of a level grows with time: the exponents of a detrended fluctuation analysis (Peng et al. 1994)
/// as Streich and Herrera apply it to music (2005), with Essentia's Danceability's details. `levels` has one value each
/// 10 ms; the segments last 310 ms and 1.1 times as long each, up to 8.8 s. One exponent a pair of successive lengths,
/// at most 35; fewer where the track is too short, none where the level never changes.
std::vector<double> fluctuation_exponents(std::span<const float> levels);

}  // namespace vivace::analyze
