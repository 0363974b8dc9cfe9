#include "media/encoder.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "base/seekable_file.hpp"
#include "base/vectorised.hpp"
#include "media/ffmpeg_handles.hpp"
#include "media/ffmpeg_log.hpp"
#include "vivace/error.hpp"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/opt.h>
}

namespace vivace::media {
namespace {

struct FormatFacts {
  AudioFormat format;
  std::string_view name;
  std::string_view extension;
  const char* encoder;
  const char* container;
  AVSampleFormat samples;
  int bits;         // of integers
  int bit_rate;     // of lossy formats, unless told otherwise; 0: by quality
  bool has_floats;  // samples go in as they are
};

constexpr std::array<FormatFacts, 7> kFormats = {{
    {AudioFormat::wav16, "wav16", "wav", "pcm_s16le", "wav", AV_SAMPLE_FMT_S16, 16, 0, false},
    {AudioFormat::wav24, "wav24", "wav", "pcm_s24le", "wav", AV_SAMPLE_FMT_S32, 24, 0, false},
    {AudioFormat::wavf32, "wavf32", "wav", "pcm_f32le", "wav", AV_SAMPLE_FMT_FLT, 0, 0, true},
    {AudioFormat::flac, "flac", "flac", "flac", "flac", AV_SAMPLE_FMT_S16, 16, 0, false},
    {AudioFormat::flac24, "flac24", "flac", "flac", "flac", AV_SAMPLE_FMT_S32, 24, 0, false},
    {AudioFormat::mp3, "mp3", "mp3", "libmp3lame", "mp3", AV_SAMPLE_FMT_FLTP, 0, 320'000, true},
    {AudioFormat::ogg, "ogg", "ogg", "libvorbis", "ogg", AV_SAMPLE_FMT_FLTP, 0, 0, true},
}};

constexpr std::size_t kMostChannels = 64;
constexpr int kVorbisQuality = 8;
constexpr int kPcmFrame = 4096;
constexpr int kIoBufferBytes = 64 * 1024;

const FormatFacts& facts_of(AudioFormat format) { return *std::ranges::find(kFormats, format, &FormatFacts::format); }

struct IoDeleter {
  void operator()(AVIOContext* io) const {
    av_freep(&io->buffer);  // FFmpeg may have replaced the one it was given
    avio_context_free(&io);
  }
};

struct OutputFormatDeleter {
  void operator()(AVFormatContext* format) const { avformat_free_context(format); }
};

/// The nearest integer of `bits` bits to a sample.
std::int32_t to_integer(float sample, int bits) {
  const double scale = std::ldexp(1.0, bits - 1);
  return static_cast<std::int32_t>(std::clamp(std::nearbyint(double{sample} * scale), -scale, scale - 1));
}

// Infinities and what is no number have the largest magnitudes by their bits.
VIVACE_VECTORISED bool are_finite(std::span<const float> samples) {
  constexpr std::int32_t kMagnitude = 0x7fffffff;
  constexpr std::int32_t kInfinity = 0x7f800000;
  std::int32_t largest = 0;
  for (const float sample : samples) largest = std::max(largest, std::bit_cast<std::int32_t>(sample) & kMagnitude);
  return largest < kInfinity;
}

}  // namespace

class Encoder::Implementation {
 public:
  Implementation(const std::filesystem::path& path, const EncoderOptions& options)
      : path_(path.string()), facts_(facts_of(options.format)), file_(path) {
    silence_ffmpeg();
    open_container();
    open_codec(options);
    open_stream(options.tags);
    pending_.resize(options.channels);
  }

  void write(std::span<const std::span<const float>> channels) {
    require_as_many(channels);
    require_finite(channels);
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      pending_[i].insert(pending_[i].end(), channels[i].begin(), channels[i].end());
    }
    const auto frame = static_cast<std::size_t>(frame_size());
    std::size_t begin = 0;
    for (; pending_[0].size() - begin >= frame; begin += frame) encode(begin, frame);
    for (std::vector<float>& channel : pending_) {
      channel.erase(channel.begin(), channel.begin() + static_cast<std::ptrdiff_t>(begin));
    }
  }

  void finish() {
    if (position_ == 0 && pending_[0].empty()) encode_nothing();
    if (!pending_[0].empty()) encode(0, pending_[0].size());
    send(nullptr);
    require(av_write_trailer(format_.get()));
    avio_flush(io_.get());
    file_.rethrow();
    file_.commit();
  }

 private:
  int frame_size() const { return codec_->frame_size > 0 ? codec_->frame_size : kPcmFrame; }

  void open_container() {
    auto* buffer = allocated(static_cast<unsigned char*>(av_malloc(kIoBufferBytes)));
    io_.reset(avio_alloc_context(buffer, kIoBufferBytes, 1, &file_, nullptr, &write_bytes, &seek));
    if (!io_) av_free(buffer);
    allocated(io_.get());
    AVFormatContext* format = nullptr;
    avformat_alloc_output_context2(&format, nullptr, facts_.container, nullptr);
    format_.reset(format);
    if (!format_) fail(ErrorCode::unavailable, fmt::format("this FFmpeg writes no {} files", facts_.container));
    format_->pb = io_.get();
    format_->flags |= AVFMT_FLAG_BITEXACT;
    if (facts_.extension == "wav") av_opt_set(format_->priv_data, "rf64", "auto", 0);
  }

  void open_codec(const EncoderOptions& options) {
    const AVCodec* encoder = avcodec_find_encoder_by_name(facts_.encoder);
    if (encoder == nullptr) {
      fail(ErrorCode::unavailable, fmt::format("this FFmpeg has no encoder {}; choose another format", facts_.encoder));
    }
    if (options.channels < 1 || options.channels > kMostChannels) {
      fail(ErrorCode::invalid_argument,
           fmt::format("{} channels; 1 to {} can be written", options.channels, kMostChannels));
    }
    require_rate(*encoder, options.sample_rate);
    codec_.reset(allocated(avcodec_alloc_context3(encoder)));
    codec_->sample_rate = options.sample_rate;
    codec_->sample_fmt = facts_.samples;
    codec_->bits_per_raw_sample = facts_.bits;
    codec_->time_base = {1, options.sample_rate};
    codec_->flags |= AV_CODEC_FLAG_BITEXACT;
    if ((format_->oformat->flags & AVFMT_GLOBALHEADER) != 0) codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    av_channel_layout_default(&codec_->ch_layout, static_cast<int>(options.channels));
    const int bit_rate = options.bit_rate > 0 ? options.bit_rate : facts_.bit_rate;
    if (facts_.encoder == std::string_view("libvorbis") && bit_rate == 0) {
      codec_->flags |= AV_CODEC_FLAG_QSCALE;
      codec_->global_quality = kVorbisQuality * FF_QP2LAMBDA;
    } else if (facts_.has_floats && facts_.extension != "wav") {
      codec_->bit_rate = bit_rate;
    }
    forget_ffmpeg_errors();
    const int status = checked_memory(avcodec_open2(codec_.get(), encoder, nullptr));
    if (status < 0) {
      const std::string at = bit_rate > 0 ? fmt::format(" at {} kbit/s", bit_rate / 1000) : "";
      fail(ErrorCode::invalid_argument, fmt::format("{} takes no audio of {} Hz and {} channels{}: {}", facts_.name,
                                                    options.sample_rate, options.channels, at, ffmpeg_reason(status)));
    }
  }

  void require_rate(const AVCodec& encoder, int sample_rate) const {
    if (encoder.supported_samplerates == nullptr) return;
    std::vector<int> rates;
    for (const int* rate = encoder.supported_samplerates; *rate != 0; ++rate) rates.push_back(*rate);
    if (std::ranges::find(rates, sample_rate) != rates.end()) return;
    std::ranges::sort(rates);
    fail(ErrorCode::invalid_argument,
         fmt::format("{} cannot hold {} Hz, only {}", facts_.name, sample_rate, fmt::join(rates, ", ")));
  }

  void open_stream(const Tags& tags) {
    stream_ = allocated(avformat_new_stream(format_.get(), nullptr));
    stream_->time_base = codec_->time_base;
    require(avcodec_parameters_from_context(stream_->codecpar, codec_.get()));
    AVDictionary** metadata = facts_.container == std::string_view("ogg") ? &stream_->metadata : &format_->metadata;
    for (const auto& [name, value] : tags) {
      if (name != "encoder" && name != "encoded_by") av_dict_set(metadata, name.c_str(), value.c_str(), 0);
    }
    require(avformat_write_header(format_.get(), nullptr));
    packet_.reset(allocated(av_packet_alloc()));
  }

  void require_as_many(std::span<const std::span<const float>> channels) const {
    const auto is_other = [&](std::span<const float> channel) { return channel.size() != channels[0].size(); };
    if (channels.size() == pending_.size() && std::ranges::none_of(channels, is_other)) return;
    fail(ErrorCode::invalid_argument, fmt::format("takes samples of {} channels, as many of each", pending_.size()));
  }

  void require_finite(std::span<const std::span<const float>> channels) const {
    for (const std::span<const float> channel : channels) {
      if (are_finite(channel)) continue;
      fail(ErrorCode::corrupt_data, "a sample is not a finite number");
    }
  }

  /// What makes a file without samples well formed: lossy streams need packets, so that a silent sample goes in which
  /// decoders drop; and WAV files of floats count the samples of packets, wrongly where there is none.
  void encode_nothing() {
    if (facts_.samples == AV_SAMPLE_FMT_FLTP) {
      for (std::vector<float>& channel : pending_) channel.push_back(0);
      surplus_ = 1;
      padding_ = 1;
    } else if (facts_.samples == AV_SAMPLE_FMT_FLT) {
      packet_->pts = 0;
      packet_->dts = 0;
      require(av_write_frame(format_.get(), packet_.get()));
    }
  }

  /// Encodes pending samples from `begin` on.
  void encode(std::size_t begin, std::size_t count) {
    const FrameHandle frame(allocated(av_frame_alloc()));
    frame->nb_samples = static_cast<int>(count);
    frame->format = codec_->sample_fmt;
    frame->sample_rate = codec_->sample_rate;
    require(av_channel_layout_copy(&frame->ch_layout, &codec_->ch_layout));
    require(av_frame_get_buffer(frame.get(), 0));
    frame->pts = position_;
    position_ += frame->nb_samples;
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      put(*frame, i, std::span(pending_[i]).subspan(begin, count));
    }
    send(frame.get());
  }

  void put(AVFrame& frame, std::size_t channel, std::span<const float> samples) const {
    const std::size_t channels = pending_.size();
    if (facts_.samples == AV_SAMPLE_FMT_FLTP) {
      std::memcpy(frame.extended_data[channel], samples.data(), samples.size_bytes());
      return;
    }
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::size_t at = i * channels + channel;
      if (facts_.samples == AV_SAMPLE_FMT_FLT) {
        reinterpret_cast<float*>(frame.extended_data[0])[at] = samples[i];
      } else if (facts_.samples == AV_SAMPLE_FMT_S16) {
        reinterpret_cast<std::int16_t*>(frame.extended_data[0])[at] =
            static_cast<std::int16_t>(to_integer(samples[i], facts_.bits));
      } else {  // 24 bits are the upper ones of 32
        reinterpret_cast<std::int32_t*>(frame.extended_data[0])[at] = to_integer(samples[i], facts_.bits) * 256;
      }
    }
  }

  /// Nothing ends the stream.
  void send(const AVFrame* frame) {
    forget_ffmpeg_errors();
    require(avcodec_send_frame(codec_.get(), frame));
    while (true) {
      const int status = avcodec_receive_packet(codec_.get(), packet_.get());
      if (status == AVERROR(EAGAIN) || status == AVERROR_EOF) return;
      require(status);
      write_packet();
      av_packet_unref(packet_.get());
    }
  }

  void write_packet() {
    packet_->pts -= surplus_;
    packet_->dts -= surplus_;
    av_packet_rescale_ts(packet_.get(), codec_->time_base, stream_->time_base);
    packet_->stream_index = stream_->index;
    count_padding();
    require(av_write_frame(format_.get(), packet_.get()));
    // A page of its own for the first packet: FFmpeg drops the padding of Ogg files only where a page comes before it.
    if (!has_packets_ && codec_->codec_id == AV_CODEC_ID_VORBIS) require(av_write_frame(format_.get(), nullptr));
    has_packets_ = true;
  }

  /// The padding may reach over several packets of MP3, of which FFmpeg notes that of the last one.
  void count_padding() {
    constexpr std::size_t kEndOffset = 4;  // of AV_PKT_DATA_SKIP_SAMPLES
    std::size_t size = 0;
    std::uint8_t* skipped = av_packet_get_side_data(packet_.get(), AV_PKT_DATA_SKIP_SAMPLES, &size);
    if (skipped == nullptr || size < kEndOffset + sizeof(padding_)) return;
    padding_ += AV_RL32(skipped + kEndOffset);
    AV_WL32(skipped + kEndOffset, padding_);
  }

  void require(int status) const {
    file_.rethrow();
    if (checked_memory(status) < 0) {
      fail(ErrorCode::internal, fmt::format("FFmpeg cannot write {}: {}", facts_.name, ffmpeg_reason(status)));
    }
  }

  [[noreturn]] void fail(ErrorCode code, const std::string& message) const { throw Error(code, path_, message); }

  static int write_bytes(void* file, std::uint8_t* bytes, int size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    return static_cast<base::SeekableFile*>(file)->write(text) ? size : AVERROR(EIO);
  }

  static std::int64_t seek(void* opaque, std::int64_t offset, int origin) {
    base::SeekableFile& file = *static_cast<base::SeekableFile*>(opaque);
    if (origin == AVSEEK_SIZE) return static_cast<std::int64_t>(file.size());
    if (origin == SEEK_CUR) offset += static_cast<std::int64_t>(file.position());
    if (origin == SEEK_END) offset += static_cast<std::int64_t>(file.size());
    if (offset < 0 || !file.seek(static_cast<std::uint64_t>(offset))) return AVERROR(EINVAL);
    return offset;
  }

  std::string path_;
  const FormatFacts& facts_;
  base::SeekableFile file_;
  std::unique_ptr<AVIOContext, IoDeleter> io_;
  std::unique_ptr<AVFormatContext, OutputFormatDeleter> format_;
  CodecHandle codec_;
  PacketHandle packet_;
  AVStream* stream_ = nullptr;
  std::vector<std::vector<float>> pending_;  // less than a frame, one vector a channel
  std::int64_t position_ = 0;
  bool has_packets_ = false;
  std::uint32_t padding_ = 0;  // samples at the end that the encoder added
  std::int64_t surplus_ = 0;   // samples that only make a stream of none
};

std::string_view audio_format_name(AudioFormat format) { return facts_of(format).name; }

const std::vector<std::string>& audio_format_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    all.reserve(kFormats.size());
    for (const FormatFacts& facts : kFormats) all.emplace_back(facts.name);
    return all;
  }();
  return names;
}

AudioFormat audio_format(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &FormatFacts::name);
  if (found != kFormats.end()) return found->format;
  throw Error(ErrorCode::invalid_argument, fmt::format("audio format '{}'", name),
              fmt::format("is none of: {}", fmt::join(audio_format_names(), ", ")));
}

std::string_view audio_extension(AudioFormat format) { return facts_of(format).extension; }

bool holds_any_level(AudioFormat format) { return format == AudioFormat::wavf32; }

bool has_bit_rate(AudioFormat format) { return format == AudioFormat::mp3 || format == AudioFormat::ogg; }

Encoder::Encoder(const std::filesystem::path& path, const EncoderOptions& options)
    : implementation_(std::make_unique<Implementation>(path, options)) {}
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;
Encoder::~Encoder() = default;

void Encoder::write(std::span<const std::span<const float>> channels) { implementation_->write(channels); }

void Encoder::finish() { implementation_->finish(); }

}  // namespace vivace::media
