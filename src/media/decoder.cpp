#include "media/decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "media/frame_reader.hpp"
#include "media/sample_conversion.hpp"
#include "media/stream_adapter.hpp"
#include "media/stream_end.hpp"
#include "vivace/error.hpp"

namespace vivace::media {
namespace {

constexpr int kMostChannels = 64;

}  // namespace

class Decoder::Implementation {
 public:
  Implementation(const std::filesystem::path& path, const DecoderOptions& options);

  const AudioStreamInfo& info() const { return info_; }
  bool read(AudioBlock& block);
  bool truncated() const { return truncated_; }

 private:
  void describe_stream(int sample_rate, int channels);
  const AVFrame& in_first_form(const AVFrame& frame);
  void fill(AudioBlock& block, const AVFrame& frame);
  void note_time(const AVFrame& frame);
  bool ended_early() const;
  [[noreturn]] void fail(ErrorCode code, const std::string& message) const;

  FrameReader reader_;
  std::optional<StreamAdapter> adapter_;
  AudioStreamInfo info_;
  const AVFrame* waiting_ = nullptr;         // the first frame, decoded to know the stream and not yet read
  std::int64_t position_ = 0;                // frames delivered
  std::int64_t first_pts_ = AV_NOPTS_VALUE;  // in the time base of the stream
  double end_by_time_s_ = 0;                 // where the last frame with a time stamp ends, after the first one's start
  bool truncated_ = false;
};

Decoder::Implementation::Implementation(const std::filesystem::path& path, const DecoderOptions& options)
    : reader_(path, options.keep_priming) {
  // Headers know too little (MP3) or less than the truth (HE-AAC): the first frame tells the rate and the channels.
  waiting_ = reader_.next();
  if (waiting_ != nullptr) {
    describe_stream(waiting_->sample_rate, waiting_->ch_layout.nb_channels);
    adapter_.emplace(*waiting_);
    return;
  }
  const AVCodecContext& codec = reader_.codec();
  if (reader_.tail_is_damaged() || codec.sample_rate == 0 || codec.ch_layout.nb_channels == 0) {
    fail(ErrorCode::corrupt_data, fmt::format("not audio: nothing in this '{}' can be decoded (file is {} bytes)",
                                              reader_.demuxer().container(), reader_.demuxer().file().size()));
  }
  describe_stream(codec.sample_rate, codec.ch_layout.nb_channels);
}

void Decoder::Implementation::describe_stream(int sample_rate, int channels) {
  if (sample_rate < kLowestSampleRate || sample_rate > kHighestSampleRate) {
    fail(ErrorCode::unsupported, fmt::format("a sample rate of {} Hz; {} to {} Hz can be read", sample_rate,
                                             kLowestSampleRate, kHighestSampleRate));
  }
  if (channels < 1 || channels > kMostChannels) {
    fail(ErrorCode::unsupported, fmt::format("{} channels; 1 to {} can be read", channels, kMostChannels));
  }
  info_ = {reader_.demuxer().container(),
           avcodec_get_name(reader_.codec().codec_id),
           sample_rate,
           static_cast<std::size_t>(channels),
           declared_duration(reader_.demuxer()),
           read_tags({reader_.demuxer().format().metadata, reader_.demuxer().stream().metadata})};
}

bool Decoder::Implementation::read(AudioBlock& block) {
  const AVFrame* frame = waiting_ != nullptr ? std::exchange(waiting_, nullptr) : reader_.next();
  if (frame == nullptr) {
    truncated_ = ended_early();
    return false;
  }
  note_time(*frame);
  fill(block, in_first_form(*frame));
  return true;
}

const AVFrame& Decoder::Implementation::in_first_form(const AVFrame& frame) {
  const AVFrame* adapted = adapter_->adapt(frame);
  if (adapted == nullptr) {
    fail(ErrorCode::unsupported, fmt::format("at frame {} the stream changes to {} Hz and {} channels, which cannot be "
                                             "converted; convert the file to FLAC first",
                                             position_, frame.sample_rate, frame.ch_layout.nb_channels));
  }
  return *adapted;
}

void Decoder::Implementation::fill(AudioBlock& block, const AVFrame& frame) {
  block.sample_rate = info_.sample_rate;
  block.channels = info_.channels;
  block.frames = static_cast<std::size_t>(frame.nb_samples);
  block.position = position_;
  block.samples.resize(block.channels * block.frames);
  if (const auto bad = to_planar_float(frame, block.samples)) {
    const float sample = block.channel(bad->channel)[bad->frame];
    fail(ErrorCode::corrupt_data,
         fmt::format("sample {} of channel {} is {}", position_ + static_cast<std::int64_t>(bad->frame), bad->channel,
                     std::isfinite(sample) ? fmt::format("{:g}, far beyond full scale (1.0)", sample)
                                           : std::string("not a finite number")));
  }
  position_ += frame.nb_samples;
}

/// Time stamps count what a damaged place in the middle has lost, which must not look like a missing end.
void Decoder::Implementation::note_time(const AVFrame& frame) {
  if (frame.pts == AV_NOPTS_VALUE) return;
  if (first_pts_ == AV_NOPTS_VALUE) first_pts_ = frame.pts;
  const double start = static_cast<double>(frame.pts - first_pts_) * av_q2d(reader_.demuxer().stream().time_base);
  end_by_time_s_ = start + static_cast<double>(frame.nb_samples) / frame.sample_rate;
}

bool Decoder::Implementation::ended_early() const {
  if (container_ends_early(reader_.demuxer())) return true;
  if (!info_.declared_duration_s) return reader_.tail_is_damaged();

  const double end = std::max(static_cast<double>(position_), std::round(end_by_time_s_ * info_.sample_rate));
  const double missing = std::round(*info_.declared_duration_s * info_.sample_rate) - end;
  if (missing <= 0) return false;
  return missing > static_cast<double>(tolerated_shortfall(reader_.codec().codec_id)) || reader_.tail_is_damaged();
}

void Decoder::Implementation::fail(ErrorCode code, const std::string& message) const {
  throw Error(code, reader_.demuxer().file().path().string(), message);
}

Decoder::Decoder(const std::filesystem::path& path, const DecoderOptions& options)
    : implementation_(std::make_unique<Implementation>(path, options)) {}
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

const AudioStreamInfo& Decoder::info() const { return implementation_->info(); }
bool Decoder::read(AudioBlock& block) { return implementation_->read(block); }
bool Decoder::truncated() const { return implementation_->truncated(); }

}  // namespace vivace::media
