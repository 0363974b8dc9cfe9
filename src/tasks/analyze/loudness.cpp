#include "tasks/analyze/loudness.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "dsp/magnitude.hpp"
#include "dsp/true_peak.hpp"
#include "tasks/analyze/decibels.hpp"
#include "tasks/analyze/k_weighted_meter.hpp"
#include "tasks/analyze/loudness_gating.hpp"

namespace vivace::analyze {
namespace {

constexpr std::size_t kMomentary = 4;   // sub-blocks of 100 ms
constexpr std::size_t kShortTerm = 30;  // sub-blocks of 100 ms
constexpr std::size_t kSecond = 10;     // sub-blocks of 100 ms
constexpr double kSubBlocksPerSecond = 10;
constexpr double kLowestOfCurves = -120;  // LUFS

const std::string kNeverHeard = "never above -70 LUFS";
const std::string kSilence = "silence";

const std::string kShorterThanMomentary = "shorter than 0.4 s";
const std::string kShorterThanShortTerm = "shorter than 3 s";

FieldValue value_or(const std::optional<double>& value, const std::string& reason) {
  return value ? number(*value) : none(reason);
}

FieldValue level(float peak) { return peak > 0 ? number(decibels(peak)) : none(kSilence); }

FieldValue largest(std::span<const double> energies) {
  const double energy = *std::max_element(energies.begin(), energies.end());
  return energy > 0 ? number(loudness_of(energy)) : none(kSilence);
}

std::vector<double> every_second(std::span<const double> blocks) {
  std::vector<double> chosen;
  for (std::size_t i = 0; i < blocks.size(); i += kSecond) chosen.push_back(blocks[i]);
  return chosen;
}

Curve curve(const std::string& name, std::span<const double> energies, std::size_t window) {
  Curve curve{name, kSubBlocksPerSecond, 0.5 * static_cast<double>(window) / kSubBlocksPerSecond, 1, {}};
  for (const double energy : energies) {
    curve.values.push_back(static_cast<float>(std::max(kLowestOfCurves, loudness_of(energy))));
  }
  return curve;
}

std::vector<double> weights(const TrackFormat& format, const FeatureOptions& options) {
  if (format.channels == 1 && options.dual_mono) return {2.0};
  return channel_weights(format.channels);
}

// K-weighting raises what lies above 1.7 kHz, which must be there.
constexpr int kLowestRate = 4000;  // Hz
const std::string kTooLowRate = "a sample rate below 4000 Hz";
constexpr std::size_t kFieldsOfLoudness = 6;

class Loudness : public Feature {
 public:
  Loudness(const TrackFormat& format, const FeatureOptions& options) : curves_(options.curves) {
    if (format.sample_rate >= kLowestRate) meter_.emplace(format.sample_rate, weights(format, options));
  }

  void push(const Block& block) override {
    if (meter_) meter_->push(block.audio);
    peak_ = std::max(peak_, dsp::largest_magnitude(block.audio.samples));
  }

  Findings finish() override {
    Findings findings;
    if (!meter_) {
      findings.fields.assign(kFieldsOfLoudness - 1, none(kTooLowRate));
      findings.fields.push_back(level(peak_));
      return findings;
    }
    const std::vector<double> momentary = sliding_means(meter_->energies(), kMomentary);
    const std::vector<double> short_term = sliding_means(meter_->energies(), kShortTerm);
    findings.fields = fields(momentary, short_term);
    if (curves_) {
      findings.curves = {curve("loudness.momentary_lufs", momentary, kMomentary),
                         curve("loudness.short_term_lufs", short_term, kShortTerm)};
    }
    return findings;
  }

 private:
  std::vector<FieldValue> fields(std::span<const double> momentary, std::span<const double> short_term) const {
    const bool no_momentary = momentary.empty();
    const bool no_short_term = short_term.empty();
    return {
        no_momentary ? none(kShorterThanMomentary) : value_or(integrated_loudness(momentary), kNeverHeard),
        no_short_term ? none(kShorterThanShortTerm) : value_or(loudness_range(short_term), kNeverHeard),
        no_short_term ? none(kShorterThanShortTerm) : value_or(loudness_range(every_second(short_term)), kNeverHeard),
        no_momentary ? none(kShorterThanMomentary) : largest(momentary),
        no_short_term ? none(kShorterThanShortTerm) : largest(short_term),
        level(peak_),
    };
  }

  std::optional<KWeightedMeter> meter_;  // nothing where the rate is too low
  bool curves_;
  float peak_ = 0;
};

class TruePeakOfAll : public Feature {
 public:
  explicit TruePeakOfAll(const TrackFormat& format) : channels_(format.channels, dsp::TruePeak(format.sample_rate)) {}

  void push(const Block& block) override {
    for (std::size_t i = 0; i < channels_.size(); ++i) channels_[i].push(block.audio.channel(i));
  }

  Findings finish() override {
    float peak = 0;
    for (dsp::TruePeak& channel : channels_) peak = std::max(peak, channel.finish());
    return {{level(peak)}, {}};
  }

 private:
  std::vector<dsp::TruePeak> channels_;
};

std::vector<FieldInfo> loudness_fields() {
  using records::FieldType;
  return {
      {"loudness.integrated_lufs", FieldType::number, 0, "LUFS", "-70 …",
       "integrated loudness, EBU R128 and ITU-R BS.1770-4: K-weighted, 400 ms blocks every 100 ms, gates at -70 LUFS "
       "and "
       "-10 LU; a mono file is one channel, unless it counts as dual mono (+3.01 LU); LFE is left out"},
      {"loudness.range_lu", FieldType::number, 0, "LU", "0 …",
       "loudness range, EBU Tech 3342: 10th to 95th percentile of short-term loudness, gates at -70 LUFS and -20 LU; 3 "
       "s "
       "windows every 100 ms"},
      {"loudness.range_1s_lu", FieldType::number, 0, "LU", "0 …",
       "the same of 3 s windows every second, as libebur128 measures it"},
      {"loudness.momentary_max_lufs", FieldType::number, 0, "LUFS", "",
       "largest momentary loudness, EBU Tech 3341: windows of 400 ms, every 100 ms, inside the track"},
      {"loudness.short_term_max_lufs", FieldType::number, 0, "LUFS", "",
       "largest short-term loudness, EBU Tech 3341: windows of 3 s, every 100 ms, inside the track"},
      {"loudness.sample_peak_dbfs", FieldType::number, 0, "dBFS", "", "largest magnitude of a sample of any channel"},
  };
}

std::vector<FieldInfo> true_peak_fields() {
  return {{"loudness.true_peak_dbtp", records::FieldType::number, 0, "dBTP", "",
           "largest magnitude at and between the samples of any channel, ITU-R BS.1770-4 annex 2: interpolated to 4 "
           "times the rate, from 96 kHz on 2 times, from 192 kHz on not"}};
}

}  // namespace

FeatureInfo loudness_feature() {
  return {.name = "loudness",
          .group = "loudness",
          .description = "loudness as EBU R128 measures it",
          .version = 2,
          .uses_dual_mono = true,
          .fields = loudness_fields(),
          .make = [](const TrackFormat& format, const FeatureOptions& options) -> std::unique_ptr<Feature> {
            return std::make_unique<Loudness>(format, options);
          }};
}

FeatureInfo true_peak_feature() {
  return {.name = "true-peak",
          .group = "loudness",
          .description = "peak between the samples, as a converter makes it",
          .by_default = false,
          .fields = true_peak_fields(),
          .make = [](const TrackFormat& format, const FeatureOptions&) -> std::unique_ptr<Feature> {
            return std::make_unique<TruePeakOfAll>(format);
          }};
}

}  // namespace vivace::analyze
