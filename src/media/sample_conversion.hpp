#pragma once

#include <cstddef>
#include <optional>
#include <span>

struct AVFrame;

namespace vivace::media {

/// Audio beyond this magnitude is damage: it would overflow once squared and summed.
inline constexpr float kLargestSample = 1e6F;

/// Where a sample is that is not finite or exceeds `kLargestSample`.
struct BadSample {
  std::size_t channel = 0;
  std::size_t frame = 0;

  bool operator==(const BadSample&) const = default;
};

/// Writes the samples of a decoded frame as `dst[channels][frames]` floats at libswresample's scale: integers become ±1
/// by a division by a power of two, 8 bit after removing the offset of 128. Returns the first bad sample, by channel.
/// Every format that libavcodec decodes to is known; another one throws Error(unsupported).
std::optional<BadSample> to_planar_float(const AVFrame& frame, std::span<float> dst);

}  // namespace vivace::media
