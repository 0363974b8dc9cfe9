#include "media/sample_conversion.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>

#include "media/ffmpeg_handles.hpp"
#include "vivace/error.hpp"

namespace vivace::media {
namespace {

template <typename Sample>
float to_float(Sample sample) {
  if constexpr (std::is_floating_point_v<Sample>) {
    return static_cast<float>(sample);
  } else if constexpr (std::is_same_v<Sample, std::uint8_t>) {
    return static_cast<float>(static_cast<int>(sample) - 128) * 0x1p-7F;
  } else {
    constexpr int kBits = 8 * static_cast<int>(sizeof(Sample));
    constexpr float kScale = kBits == 16 ? 0x1p-15F : kBits == 32 ? 0x1p-31F : 0x1p-63F;
    return static_cast<float>(sample) * kScale;
  }
}

/// All bits set for a magnitude beyond the largest allowed, for infinities and for NaN: these are ordered by their
/// bits.
std::int32_t bad_mask(float sample) {
  constexpr auto kLargest = std::bit_cast<std::int32_t>(kLargestSample);
  return (std::bit_cast<std::int32_t>(sample) & 0x7FFFFFFF) > kLargest ? -1 : 0;
}

template <typename Sample>
bool convert_channel(const Sample* __restrict src, std::size_t stride, std::size_t frames, float* __restrict dst) {
  std::int32_t bad = 0;
  for (std::size_t i = 0; i < frames; ++i) {
    dst[i] = to_float(src[i * stride]);
    if constexpr (std::is_floating_point_v<Sample>) bad |= bad_mask(dst[i]);
  }
  return bad == 0;
}

template <typename Sample>
bool convert_stereo(const Sample* __restrict src, std::size_t frames, float* __restrict left, float* __restrict right) {
  std::int32_t bad = 0;
  for (std::size_t i = 0; i < frames; ++i) {
    left[i] = to_float(src[2 * i]);
    right[i] = to_float(src[2 * i + 1]);
    if constexpr (std::is_floating_point_v<Sample>) bad |= bad_mask(left[i]) | bad_mask(right[i]);
  }
  return bad == 0;
}

template <typename Sample>
const Sample* samples_of(const AVFrame& frame, std::size_t plane) {
  return reinterpret_cast<const Sample*>(frame.extended_data[plane]);
}

/// True where all samples are good.
template <typename Sample>
bool convert(const AVFrame& frame, bool planar, float* dst) {
  const auto channels = static_cast<std::size_t>(frame.ch_layout.nb_channels);
  const auto frames = static_cast<std::size_t>(frame.nb_samples);
  if (!planar && channels == 2) return convert_stereo(samples_of<Sample>(frame, 0), frames, dst, dst + frames);
  bool good = true;
  for (std::size_t c = 0; c < channels; ++c, dst += frames) {
    if (planar || channels == 1) {
      good &= convert_channel(samples_of<Sample>(frame, c), 1, frames, dst);
    } else {
      good &= convert_channel(samples_of<Sample>(frame, 0) + c, channels, frames, dst);
    }
  }
  return good;
}

bool convert(const AVFrame& frame, float* dst) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const bool planar = av_sample_fmt_is_planar(format) != 0;
  switch (av_get_packed_sample_fmt(format)) {
    case AV_SAMPLE_FMT_U8: return convert<std::uint8_t>(frame, planar, dst);
    case AV_SAMPLE_FMT_S16: return convert<std::int16_t>(frame, planar, dst);
    case AV_SAMPLE_FMT_S32: return convert<std::int32_t>(frame, planar, dst);
    case AV_SAMPLE_FMT_S64: return convert<std::int64_t>(frame, planar, dst);
    case AV_SAMPLE_FMT_FLT: return convert<float>(frame, planar, dst);
    case AV_SAMPLE_FMT_DBL: return convert<double>(frame, planar, dst);
    default: throw Error(ErrorCode::unsupported, fmt::format("sample format {} is not known", frame.format));
  }
}

}  // namespace

std::optional<BadSample> to_planar_float(const AVFrame& frame, std::span<float> dst) {
  if (convert(frame, dst.data())) return std::nullopt;
  const auto frames = static_cast<std::size_t>(frame.nb_samples);
  std::size_t first = 0;
  while (bad_mask(dst[first]) == 0) ++first;
  return BadSample{first / frames, first % frames};
}

}  // namespace vivace::media
