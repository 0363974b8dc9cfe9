#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace vivace::analyze {

/// The frames of beats, in order: where onsets are strong and about `period` frames apart. The dynamic programming of
/// Ellis (Beat Tracking by Dynamic Programming, 2007) as librosa 0.11's beat_track does it, with tightness 100 and weak
/// beats at the ends left out. `period` is at least 1; an envelope of zeros has no beats.
/// Memory: 18 bytes a frame.
std::vector<std::size_t> track_beats(std::span<const float> envelope, std::size_t period);

}  // namespace vivace::analyze
