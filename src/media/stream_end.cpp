#include "media/stream_end.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

extern "C" {
#include <libavcodec/codec_desc.h>
}

namespace vivace::media {
namespace {

constexpr std::int64_t kLossyShortfall = 8192;  // frames; delay, padding and a header frame that is counted as audio

bool is_only_stream(const AVFormatContext& format) {
  const std::span streams(format.streams, format.nb_streams);
  return std::count_if(streams.begin(), streams.end(), [](const AVStream* stream) {
           return (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) == 0;
         }) == 1;
}

/// Bytes of the MPEG audio frame with this header (ISO/IEC 11172-3, 2.4.2.3 and 13818-3), 0 for free format.
std::size_t mpeg_frame_bytes(std::uint32_t header) {
  constexpr std::array<std::array<std::size_t, 15>, 5> kKilobits{{
      {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},  // MPEG 1 layer 1
      {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},     // MPEG 1 layer 2
      {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},      // MPEG 1 layer 3
      {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},     // MPEG 2 layer 1
      {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},          // MPEG 2 layers 2 and 3
  }};
  constexpr std::array<std::size_t, 3> kRates{44100, 48000, 32000};
  const std::uint32_t version = header >> 19 & 3;  // 0: MPEG 2.5, 2: MPEG 2, 3: MPEG 1
  const std::uint32_t layer = 4 - (header >> 17 & 3);
  const std::uint32_t bitrate_index = header >> 12 & 15;
  const std::uint32_t rate_index = header >> 10 & 3;
  if (version == 1 || layer == 4 || bitrate_index == 15 || rate_index == 3) return 0;

  const bool mpeg1 = version == 3;
  const std::size_t rate = kRates[rate_index] >> (mpeg1 ? 0 : version == 2 ? 1 : 2);
  const std::size_t bitrate = 1000 * kKilobits[mpeg1 ? layer - 1 : layer == 1 ? 3 : 4][bitrate_index];
  const std::size_t padding = header >> 9 & 1;
  if (bitrate == 0) return 0;
  if (layer == 1) return 4 * (12 * bitrate / rate + padding);
  return (layer == 3 && !mpeg1 ? 72 : 144) * bitrate / rate + padding;
}

bool ogg_ends_early(const InputFile& file) {
  constexpr std::string_view kCapturePattern = "OggS";
  constexpr std::size_t kHeaderBytes = 27;
  constexpr std::int64_t kLargestPage = 27 + 255 + 255 * 255;
  constexpr std::uint8_t kEndOfStream = 4;

  std::vector<std::uint8_t> buffer(static_cast<std::size_t>(2 * kLargestPage));
  const auto tail = file.read_at(std::max<std::int64_t>(0, file.size() - 2 * kLargestPage), buffer);
  const auto start = std::find_end(tail.begin(), tail.end(), kCapturePattern.begin(), kCapturePattern.end());
  const auto page = tail.subspan(static_cast<std::size_t>(start - tail.begin()));
  if (page.size() < kHeaderBytes) return true;
  const std::size_t segments = page[kHeaderBytes - 1];
  if (page.size() < kHeaderBytes + segments) return true;
  const auto lacing = page.subspan(kHeaderBytes, segments);
  const std::size_t page_bytes = std::accumulate(lacing.begin(), lacing.end(), kHeaderBytes + segments);
  return page.size() < page_bytes || (page[5] & kEndOfStream) == 0;
}

std::uint64_t little_endian(std::span<const std::uint8_t> bytes) {
  return std::accumulate(bytes.rbegin(), bytes.rend(), std::uint64_t{0},
                         [](std::uint64_t word, std::uint8_t byte) { return word << 8 | byte; });
}

/// Programs that write to a pipe leave 0 or the largest size, some of them less the size of the header.
bool is_placeholder_size(std::uint64_t bytes) {
  constexpr std::uint64_t kSlack = 0x10000;
  return bytes == 0 || (bytes > 0x7FFFFFFF - kSlack && bytes <= 0x7FFFFFFF) || bytes > 0xFFFFFFFF - kSlack;
}

/// FFmpeg forgets the duration of a WAV file that is shorter than its data chunk claims.
bool wav_ends_early(const InputFile& file) {
  constexpr std::uint64_t kSlack = 64;  // some writers count the header as data
  constexpr std::size_t kChunkHeaderBytes = 8;
  std::array<std::uint8_t, 12> buffer{};
  const auto text = [&](std::size_t size) { return std::string_view(reinterpret_cast<char*>(buffer.data()), size); };
  if (file.read_at(0, buffer).size() < buffer.size() || text(4) != "RIFF") return false;
  std::uint64_t offset = buffer.size();
  while (file.read_at(static_cast<std::int64_t>(offset), buffer).size() >= kChunkHeaderBytes) {
    const std::uint64_t bytes = little_endian(std::span(buffer).subspan(4, 4));
    offset += kChunkHeaderBytes;
    if (text(4) == "data") {
      return !is_placeholder_size(bytes) && offset + bytes > static_cast<std::uint64_t>(file.size()) + kSlack;
    }
    offset += bytes + bytes % 2;
  }
  return false;
}

/// FFmpeg forgets the duration of a file whose size is not the one in the header.
bool asf_ends_early(const InputFile& file) {
  constexpr std::array<std::uint8_t, 16> kFileProperties{0xA1, 0xDC, 0xAB, 0x8C, 0x47, 0xA9, 0xCF, 0x11,
                                                         0x8E, 0xE4, 0x00, 0xC0, 0x0C, 0x20, 0x53, 0x65};
  constexpr std::ptrdiff_t kSizeOffset = 40;
  constexpr std::ptrdiff_t kFlagsOffset = 88;
  constexpr std::uint8_t kBroadcast = 1;  // no size was known

  std::vector<std::uint8_t> buffer(65'536);
  const auto head = file.read_at(0, buffer);
  const auto object = std::search(head.begin(), head.end(), kFileProperties.begin(), kFileProperties.end());
  if (head.end() - object <= kFlagsOffset || (object[kFlagsOffset] & kBroadcast) != 0) return false;
  return static_cast<std::uint64_t>(file.size()) < little_endian({object + kSizeOffset, 8});
}

}  // namespace

std::optional<double> declared_duration(const AudioDemuxer& demuxer) {
  const AVStream& stream = demuxer.stream();
  const AVFormatContext& format = demuxer.format();
  if (format.duration_estimation_method == AVFMT_DURATION_FROM_BITRATE) return std::nullopt;
  if (stream.duration != AV_NOPTS_VALUE && stream.duration > 0) {
    return static_cast<double>(stream.duration) * av_q2d(stream.time_base);
  }
  if (format.duration != AV_NOPTS_VALUE && format.duration > 0 && is_only_stream(format)) {
    return static_cast<double>(format.duration) / AV_TIME_BASE;
  }
  return std::nullopt;
}

std::int64_t tolerated_shortfall(AVCodecID codec) {
  return codec == AV_CODEC_ID_FLAC || av_get_exact_bits_per_sample(codec) > 0 ? 0 : kLossyShortfall;
}

bool is_mpeg_junk(std::span<const std::uint8_t> packet) {
  return packet.size() < 4 || packet[0] != 0xFF || (packet[1] & 0xE0) != 0xE0;
}

bool is_cut_mpeg_frame(std::span<const std::uint8_t> packet) {
  if (is_mpeg_junk(packet)) return false;
  const std::uint32_t header = std::accumulate(packet.begin(), packet.begin() + 4, std::uint32_t{0},
                                               [](std::uint32_t word, std::uint8_t byte) { return word << 8 | byte; });
  return packet.size() < mpeg_frame_bytes(header);
}

bool container_ends_early(const AudioDemuxer& demuxer) {
  const std::string container = demuxer.container();
  if (container == "ogg") return ogg_ends_early(demuxer.file());
  if (container == "wav") return wav_ends_early(demuxer.file());
  if (container == "asf") return asf_ends_early(demuxer.file());
  return false;
}

}  // namespace vivace::media
