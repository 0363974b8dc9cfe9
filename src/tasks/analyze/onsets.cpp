#include "tasks/analyze/onsets.hpp"

#include <algorithm>
#include <cmath>

#include "tasks/analyze/frame_statistics.hpp"
#include "tasks/analyze/onset_envelope.hpp"
#include "tasks/analyze/peak_picking.hpp"

namespace vivace::analyze {
namespace {

std::size_t frames_of(double seconds, int sample_rate) {
  return static_cast<std::size_t>(std::floor(seconds * sample_rate / static_cast<double>(kHop)));
}

/// librosa's onset_detect: 30 ms, 100 ms and 0.07 of the largest strength.
PeakPicking rules_at(int sample_rate) {
  return {.pre_max = frames_of(0.03, sample_rate),
          .post_max = 1,
          .pre_average = frames_of(0.1, sample_rate),
          .post_average = frames_of(0.1, sample_rate) + 1,
          .wait = frames_of(0.03, sample_rate),
          .delta = 0.07};
}

/// Moves and scales strengths to 0 … 1; leaves none where they do not vary.
void normalise(std::vector<float>& envelope) {
  const auto [lowest, highest] = std::minmax_element(envelope.begin(), envelope.end());
  if (lowest == envelope.end() || *highest <= *lowest) return envelope.clear();
  const float low = *lowest;
  const float range = *highest - low;
  for (float& strength : envelope) strength = (strength - low) / range;
}

class Onsets : public Feature {
 public:
  Onsets(int sample_rate, bool curves) : sample_rate_(sample_rate), curves_(curves), envelope_(sample_rate) {}

  void push(const Block& block) override {
    samples_ += block.mono.size();
    envelope_.push(block.spectra);
  }

  Findings finish() override {
    std::vector<float> envelope = envelope_.finish();
    if (samples_ == 0) return {std::vector<FieldValue>(6, none("no audio")), {}};
    Findings findings;
    FrameStatistics strength;
    for (const float value : envelope) strength.add(value);
    if (curves_) findings.curves.push_back({"onsets.strength", frame_rate(), 0, 1, envelope});
    normalise(envelope);
    append_events(findings.fields, pick_peaks(envelope, rules_at(sample_rate_)));
    append_statistics(findings.fields, strength, "no audio");
    return findings;
  }

 private:
  double frame_rate() const { return sample_rate_ / static_cast<double>(kHop); }

  void append_events(std::vector<FieldValue>& fields, const std::vector<std::size_t>& frames) const {
    std::vector<float> times;
    times.reserve(frames.size());
    for (const std::size_t frame : frames)
      times.push_back(static_cast<float>(static_cast<double>(frame) / frame_rate()));
    const double duration = static_cast<double>(samples_) / sample_rate_;
    fields.push_back({std::move(times), {}});
    fields.push_back(number(static_cast<double>(frames.size()) / duration));
    fields.push_back({static_cast<std::int64_t>(frames.size()), {}});
  }

  int sample_rate_;
  bool curves_;
  OnsetEnvelope envelope_;
  std::size_t samples_ = 0;
};

std::vector<FieldInfo> fields() {
  using records::FieldType;
  std::vector<FieldInfo> fields = {
      {"onsets.times_s", FieldType::vector, 0, "s", "0 …",
       "where notes begin: librosa's onset_detect with its defaults, at the analysis rate"},
      {"onsets.rate_hz", FieldType::number, 0, "Hz", "0 …", "onsets a second of the track"},
      {"onsets.count", FieldType::integer, 0, "", "0 …", "how many onsets there are"},
  };
  append_statistics_fields(fields, {"onsets.strength", FieldType::number, 0, "dB", "0 …",
                                    "librosa's onset_strength of all frames: mean rise of 128 mel bands"});
  return fields;
}

}  // namespace

FeatureInfo onsets_feature() {
  return {.name = "onsets",
          .group = "onsets",
          .description = "where notes begin, and how strongly",
          .version = 2,
          .uses_mono = true,
          .uses_spectra = true,
          .fields = fields(),
          .make = [](const TrackFormat& format, const FeatureOptions& options) -> std::unique_ptr<Feature> {
            return std::make_unique<Onsets>(format.analysis_rate, options.curves);
          }};
}

}  // namespace vivace::analyze
