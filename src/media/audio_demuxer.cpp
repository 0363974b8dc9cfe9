#include "media/audio_demuxer.hpp"

#include <fmt/format.h>

#include <cerrno>

extern "C" {
#include <libavutil/avstring.h>
}

#include "media/ffmpeg_log.hpp"
#include "vivace/error.hpp"

namespace vivace::media {
namespace {

/// By FFmpeg's names. Containers that name other files, play lists and devices are left out on purpose.
constexpr const char* kContainers =
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,iff,matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,ogg,rso,tak,"
    "tta,voc,w64,wav,wv,xwma";

/// How far to look for what a header leaves open. WAV spends this on asking whether its PCM is DTS in disguise;
/// containers without a header need more to meet the first audio between pictures.
constexpr std::int64_t kProbeBytes = std::int64_t{32} * 1024;
constexpr std::int64_t kProbeBytesWithoutHeader = std::int64_t{2} * 1024 * 1024;

/// Larger packets than FFmpeg's 4096 bytes: PCM costs more in packets than in samples.
constexpr int kWavPacketBytes = 32 * 1024;

int refuse_other_files(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EPERM); }

bool is_readable(const AVInputFormat& format) { return av_match_list(format.name, kContainers, ',') > 0; }

bool is_picture(const AVStream& stream) { return (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0; }

}  // namespace

AudioDemuxer::AudioDemuxer(const std::filesystem::path& path, bool keep_priming) : file_(path) {
  silence_ffmpeg();
  forget_ffmpeg_errors();
  open(keep_priming);
  choose_stream();
}

void AudioDemuxer::open(bool keep_priming) {
  const AVInputFormat* input = nullptr;
  const int score = av_probe_input_buffer2(file_.io(), &input, file_.path().c_str(), nullptr, 0, 0);
  if (score < 0 || input == nullptr) fail("its format is not known");
  if (!is_readable(*input)) fail(fmt::format("the content looks like '{}'", input->name));

  format_.reset(allocated(avformat_alloc_context()));
  format_->pb = file_.io();
  format_->io_open = refuse_other_files;
  format_->probesize = kProbeBytes;
  AVDictionary* options = nullptr;
  av_dict_set_int(&options, "max_size", kWavPacketBytes, 0);
  if (keep_priming) av_dict_set_int(&options, "ignore_editlist", 1, 0);
  AVFormatContext* format = format_.release();  // avformat_open_input frees it where it fails
  const int opened = avformat_open_input(&format, file_.path().c_str(), input, &options);
  av_dict_free(&options);
  format_.reset(format);
  if (checked_memory(opened) < 0)
    fail(fmt::format("'{}' with a damaged header: {}", input->name, ffmpeg_reason(opened)));
}

AVStream* AudioDemuxer::first_audio_stream() const {
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    AVStream* stream = format_->streams[i];
    if (stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO && !is_picture(*stream)) return stream;
  }
  return nullptr;
}

void AudioDemuxer::choose_stream() {
  // Reading ahead costs time, and only containers without a header need it: the decoder finds the rest by itself.
  if ((format_->ctx_flags & AVFMTCTX_NOHEADER) != 0) {
    format_->probesize = kProbeBytesWithoutHeader;
    avformat_find_stream_info(format_.get(), nullptr);
  }
  stream_ = first_audio_stream();
  if (stream_ == nullptr) fail(fmt::format("'{}' without an audio stream", container()));
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    if (format_->streams[i] != stream_) format_->streams[i]->discard = AVDISCARD_ALL;
  }
}

void AudioDemuxer::fail(const std::string& why) const {
  file_.rethrow_read_error();
  throw Error(ErrorCode::corrupt_data, file_.path().string(),
              fmt::format("not audio: {} (file is {} bytes)", why, file_.size()));
}

AudioDemuxer::Result AudioDemuxer::read(AVPacket& packet) {
  for (;;) {
    av_packet_unref(&packet);
    const int status = checked_memory(av_read_frame(format_.get(), &packet));
    if (status < 0) {
      file_.rethrow_read_error();
      return status == AVERROR_EOF ? Result::end : Result::damage;
    }
    if (packet.stream_index == stream_->index) return Result::packet;
  }
}

}  // namespace vivace::media
