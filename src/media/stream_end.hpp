#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "media/audio_demuxer.hpp"

namespace vivace::media {

/// Seconds of audio that the file says it holds. Absent where it does not say, or not about this stream: the longest of
/// several streams, a guess from the bit rate.
std::optional<double> declared_duration(const AudioDemuxer& demuxer);

/// Frames by which a complete stream may fall short of its declared duration: 0 for PCM and FLAC, which count samples.
std::int64_t tolerated_shortfall(AVCodecID codec);

/// True for bytes in a stream of MPEG audio that are no frame: tags of other programs, mostly at the end.
bool is_mpeg_junk(std::span<const std::uint8_t> packet);

/// True where a packet of MPEG audio (layers 1 to 3) is shorter than its header says.
bool is_cut_mpeg_frame(std::span<const std::uint8_t> packet);

/// True where the bytes of the container show that its end is missing: the last page of an Ogg file is incomplete or
/// not marked as the last (RFC 3533, section 6), a WAV or ASF file is smaller than its header says.
bool container_ends_early(const AudioDemuxer& demuxer);

}  // namespace vivace::media
