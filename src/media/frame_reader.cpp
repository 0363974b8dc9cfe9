#include "media/frame_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "media/ffmpeg_log.hpp"
#include "media/stream_end.hpp"
#include "vivace/error.hpp"

namespace vivace::media {
namespace {

/// A stream that fails this often without giving any sample is given up.
constexpr int kMostFailuresInARow = 10'000;

bool is_mpeg_audio(AVCodecID codec) {
  return codec == AV_CODEC_ID_MP1 || codec == AV_CODEC_ID_MP2 || codec == AV_CODEC_ID_MP3;
}

bool is_pcm(AVCodecID codec) { return av_get_exact_bits_per_sample(codec) > 0; }

std::span<const std::uint8_t> bytes_of(const AVPacket& packet) {
  return {packet.data, static_cast<std::size_t>(std::max(packet.size, 0))};
}

}  // namespace

FrameReader::FrameReader(const std::filesystem::path& path, bool keep_priming) : demuxer_(path, keep_priming) {
  open_codec();
}

void FrameReader::open_codec() {
  const AVCodecParameters& parameters = *demuxer_.stream().codecpar;
  const std::string path = demuxer_.file().path().string();
  const AVCodec* codec = avcodec_find_decoder(parameters.codec_id);
  if (codec == nullptr) {
    throw Error(ErrorCode::unsupported, path,
                fmt::format("no decoder for the codec '{}'; convert the file to FLAC first",
                            avcodec_get_name(parameters.codec_id)));
  }
  codec_.reset(allocated(avcodec_alloc_context3(codec)));
  checked_memory(avcodec_parameters_to_context(codec_.get(), &parameters));
  codec_->pkt_timebase = demuxer_.stream().time_base;
  codec_->thread_count = 1;
  forget_ffmpeg_errors();
  const int status = checked_memory(avcodec_open2(codec_.get(), codec, nullptr));
  if (status < 0) {
    throw Error(ErrorCode::corrupt_data, path,
                fmt::format("the {} stream of {} Hz and {} channels cannot be decoded: {}", codec->name,
                            parameters.sample_rate, parameters.ch_layout.nb_channels, ffmpeg_reason(status)));
  }
}

const AVFrame* FrameReader::next() {
  while (failures_ < kMostFailuresInARow) {
    const int status = avcodec_receive_frame(codec_.get(), frame_.get());
    if (status == 0 && frame_->nb_samples > 0) {
      failures_ = 0;
      return frame_.get();
    }
    if (status == 0) continue;
    if (status == AVERROR_EOF) return nullptr;
    if (status != AVERROR(EAGAIN)) note_failure(status);
    if (!feed_codec()) return nullptr;
  }
  return nullptr;
}

/// Gives the codec one packet, or the end of the stream once; false where there is no more to give.
bool FrameReader::feed_codec() {
  if (draining_) return false;
  switch (demuxer_.read(*packet_)) {
    case AudioDemuxer::Result::packet: send(packet_.get()); break;
    case AudioDemuxer::Result::damage: ++failures_; break;
    case AudioDemuxer::Result::end:
      draining_ = true;
      avcodec_send_packet(codec_.get(), nullptr);
      break;
  }
  return true;
}

void FrameReader::send(const AVPacket* packet) {
  const AVCodecID codec = codec_->codec_id;
  const bool partial = (packet->flags & AV_PKT_FLAG_CORRUPT) != 0 && !is_pcm(codec);  // PCM may end anywhere
  last_packet_is_cut_ = partial || (is_mpeg_audio(codec) && is_cut_mpeg_frame(bytes_of(*packet)));
  const int status = avcodec_send_packet(codec_.get(), packet);
  if (status < 0 && !(is_mpeg_audio(codec) && is_mpeg_junk(bytes_of(*packet)))) note_failure(status);
}

void FrameReader::note_failure(int status) {
  checked_memory(status);
  ++failures_;
}

}  // namespace vivace::media
