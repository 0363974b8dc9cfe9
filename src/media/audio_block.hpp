#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vivace::media {

/// Sample rates in Hz that are decoded and resampled.
inline constexpr int kLowestSampleRate = 1000;
inline constexpr int kHighestSampleRate = 768'000;

/// Planar float32 audio: `channels` rows of `frames` samples, full scale ±1. `position` is the frame of the stream at
/// which the block begins.
struct AudioBlock {
  int sample_rate = 0;  ///< Hz
  std::size_t channels = 0;
  std::size_t frames = 0;
  std::int64_t position = 0;
  std::vector<float> samples;  ///< [channels][frames]

  std::span<const float> channel(std::size_t index) const {
    return std::span<const float>(samples).subspan(index * frames, frames);
  }
};

}  // namespace vivace::media
