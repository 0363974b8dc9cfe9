#pragma once

#include <vector>

#include "media/audio_block.hpp"

namespace vivace::media {

/// The arithmetic mean of the channels: 0.5 (L + R) for stereo, as Essentia's MonoMixer "mix". Replaces `mono`.
void downmix_to_mono(const AudioBlock& block, std::vector<float>& mono);

}  // namespace vivace::media
