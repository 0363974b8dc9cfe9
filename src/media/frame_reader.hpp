#pragma once

#include <filesystem>
#include <string>

#include "media/audio_demuxer.hpp"
#include "media/ffmpeg_handles.hpp"

namespace vivace::media {

/// Decodes the packets of an audio file on the calling thread, at the rate, layout and sample format of each frame.
/// Damaged places are passed over.
class FrameReader {
 public:
  /// Throws Error as AudioDemuxer does; unsupported where there is no decoder for the stream.
  FrameReader(const std::filesystem::path& path, bool keep_priming);

  /// The next frame, with at least one sample, encoder delay and padding removed; it lives until the next call.
  /// Null at the end of the stream.
  const AVFrame* next();

  const AudioDemuxer& demuxer() const { return demuxer_; }
  const AVCodecContext& codec() const { return *codec_; }
  /// Whether something could not be decoded, or is incomplete, since the last frame.
  bool tail_is_damaged() const { return failures_ > 0 || last_packet_is_cut_; }

 private:
  void open_codec();
  bool feed_codec();
  void send(const AVPacket* packet);
  void note_failure(int status);

  AudioDemuxer demuxer_;
  CodecHandle codec_;
  PacketHandle packet_{allocated(av_packet_alloc())};
  FrameHandle frame_{allocated(av_frame_alloc())};
  int failures_ = 0;  // since the last frame
  bool last_packet_is_cut_ = false;
  bool draining_ = false;  // the demuxer has ended
};

}  // namespace vivace::media
