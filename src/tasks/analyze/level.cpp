#include "tasks/analyze/level.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/magnitude.hpp"
#include "tasks/analyze/band_levels.hpp"
#include "tasks/analyze/clipping.hpp"
#include "tasks/analyze/decibels.hpp"
#include "tasks/analyze/dynamic_range.hpp"
#include "tasks/analyze/silence.hpp"

namespace vivace::analyze {
namespace {

const std::string kNoAudio = "no audio";
const std::string kSilence = "silence";

struct Channel {
  explicit Channel(int sample_rate) : range(sample_rate) {}

  DynamicRange range;
  ClippingCounter clipping;
};

class Level : public Feature {
 public:
  explicit Level(const TrackFormat& format)
      : sample_rate_(format.sample_rate),
        channels_(format.channels, Channel(format.sample_rate)),
        silence_(format.sample_rate),
        bands_(format.analysis_rate) {}

  void push(const Block& block) override {
    frames_ += block.audio.frames;
    squares_ += dsp::sum_of_squares(block.audio.samples);
    peak_ = std::max(peak_, dsp::largest_magnitude(block.audio.samples));
    for (std::size_t i = 0; i < channels_.size(); ++i) {
      channels_[i].range.push(block.audio.channel(i));
      channels_[i].clipping.push(block.audio.channel(i));
    }
    silence_.push(block.audio);
    bands_.push(block.mono);
  }

  Findings finish() override {
    std::vector<FieldValue> fields;
    for (const auto& part : {levels(), std::vector{dynamic_range(), clipping_share()}, silence(), bands_.values()}) {
      fields.insert(fields.end(), part.begin(), part.end());
    }
    return {fields, {}};
  }

 private:
  double samples() const { return static_cast<double>(frames_) * static_cast<double>(channels_.size()); }

  std::vector<FieldValue> levels() const {
    if (frames_ == 0) return {none(kNoAudio), none(kNoAudio)};
    if (peak_ == 0) return {none(kSilence), none(kSilence)};
    const double rms = std::sqrt(squares_ / samples());
    return {number(decibels(rms)), number(decibels(peak_ / rms))};
  }

  FieldValue dynamic_range() const {
    if (channels_.front().range.blocks() < 2) return none("shorter than 6 s");
    double sum = 0;
    int heard = 0;
    for (const Channel& channel : channels_) {
      const auto range = channel.range.value();
      if (!range) continue;
      sum += *range;
      ++heard;
    }
    return heard > 0 ? number(sum / heard) : none(kSilence);
  }

  FieldValue clipping_share() const {
    if (frames_ == 0) return none(kNoAudio);
    std::uint64_t clipped = 0;
    for (const Channel& channel : channels_) clipped += channel.clipping.clipped();
    return number(static_cast<double>(clipped) / samples());
  }

  std::vector<FieldValue> silence() const {
    if (frames_ == 0) return {none(kNoAudio), none(kNoAudio), none(kNoAudio)};
    const auto share = number(static_cast<double>(silence_.silent_frames()) / static_cast<double>(frames_));
    return {share, seconds(silence_.leading_frames()), seconds(silence_.trailing_frames())};
  }

  FieldValue seconds(const std::optional<std::uint64_t>& frames) const {
    return frames ? number(static_cast<double>(*frames) / sample_rate_) : none("never above -60 dBFS");
  }

  int sample_rate_;
  std::vector<Channel> channels_;
  SilenceMeter silence_;
  BandLevels bands_;
  std::uint64_t frames_ = 0;
  double squares_ = 0;
  float peak_ = 0;
};

std::vector<FieldInfo> fields() {
  using records::FieldType;
  std::vector<FieldInfo> fields = {
      {"level.rms_dbfs", FieldType::number, 0, "dBFS", "",
       "root mean square of all samples of all channels; 0 is that of a square wave at full scale"},
      {"level.crest_db", FieldType::number, 0, "dB", "0 …", "sample peak over root mean square"},
      {"level.dynamic_range_db", FieldType::number, 0, "dB", "",
       "dynamic range as the TT meter (DR14) defines it, not rounded, mean of the channels: of whole blocks of 3 s the "
       "second largest peak over the root mean square of the loudest fifth, which is 1 for a sine at full scale"},
      {"level.clipping_share", FieldType::number, 0, "", "0 … 1",
       "share of samples in runs of 3 or more at full scale (from 32767/32768 on) on one side"},
      {"level.silence_share", FieldType::number, 0, "", "0 … 1",
       "share of time in windows of 10 ms without a sample at or above -60 dBFS in any channel"},
      {"level.leading_silence_s", FieldType::number, 0, "s", "0 …",
       "time before the first sample at or above -60 dBFS in any channel"},
      {"level.trailing_silence_s", FieldType::number, 0, "s", "0 …",
       "time behind the last sample at or above -60 dBFS in any channel"},
  };
  for (FieldInfo& field : BandLevels::fields()) fields.push_back(std::move(field));
  return fields;
}

}  // namespace

FeatureInfo level_feature() {
  return {.name = "level",
          .group = "level",
          .description = "how loud the samples are, in all and in four bands; clipping and silence",
          .uses_mono = true,
          .fields = fields(),
          .make = [](const TrackFormat& format, const FeatureOptions&) -> std::unique_ptr<Feature> {
            return std::make_unique<Level>(format);
          }};
}

}  // namespace vivace::analyze
