#include "tasks/analyze/chroma_stft.hpp"

#include <algorithm>
#include <utility>

#include "dsp/projection.hpp"
#include "dsp/spectral_shape.hpp"
#include "tasks/analyze/tuned_chroma.hpp"
#include "tasks/analyze/tuning.hpp"

namespace vivace::analyze {
namespace {

constexpr std::size_t kTunings = 9;

FieldValue vector_field(std::vector<float> values) {
  FieldValue field;
  field.value = std::move(values);
  return field;
}

dsp::Projection tuned_filters(int sample_rate, const TunedChroma& chroma) {
  std::vector<float> filters;
  for (std::size_t point = 0; point < kTunings; ++point) {
    const std::vector<float> tuned = chroma_filters(sample_rate, chroma.tuning(point));
    filters.insert(filters.end(), tuned.begin(), tuned.end());
  }
  return {kBins, filters};
}

class ChromaStft : public Feature {
 public:
  ChromaStft(const TrackFormat& format, const FeatureOptions& options)
      : frame_rate_hz_(static_cast<double>(format.analysis_rate) / kHop),
        keep_curves_(options.curves),
        chroma_(kTunings, options.curves),
        filters_(tuned_filters(format.analysis_rate, chroma_)),
        magnitude_tuning_(format.analysis_rate, kPitchClasses),
        power_tuning_(format.analysis_rate, kPitchClasses) {}

  void push(const Block& block) override {
    const Spectra& spectra = block.spectra;
    silent_ = silent_ && dsp::highest(spectra.power) == 0;
    for (std::size_t begin = 0; begin < spectra.frames; begin += dsp::kLanes) {
      const std::size_t count = std::min(dsp::kLanes, spectra.frames - begin);
      dsp::interleave(std::span<const float>(spectra.power).subspan(begin * kBins, count * kBins), power_);
      filters_.apply(power_, classes_);
      chroma_.add(classes_, count);
    }
    for (std::size_t frame = 0; frame < spectra.frames; ++frame) {
      magnitude_tuning_.add(spectra.magnitude_of(frame));
      power_tuning_.add(spectra.power_of(frame));
    }
  }

  Findings finish() override {
    if (chroma_.frames() == 0) return {{none("no samples"), none("no samples"), none("no samples")}, {}};
    if (silent_) return {{none("silence"), none("silence"), none("silence")}, {}};
    const double tuning = power_tuning_.estimate();
    Findings findings;
    findings.fields = {vector_field(chroma_.means(tuning)), vector_field(chroma_.deviations(tuning)),
                       number(magnitude_tuning_.estimate())};
    if (keep_curves_) {
      findings.curves.push_back({"chroma.stft", frame_rate_hz_, 0, kPitchClasses, chroma_.curve(tuning)});
    }
    return findings;
  }

 private:
  double frame_rate_hz_;
  bool keep_curves_;
  bool silent_ = true;
  TunedChroma chroma_;
  dsp::Projection filters_;
  TuningEstimator magnitude_tuning_;
  TuningEstimator power_tuning_;
  std::vector<dsp::Lanes> power_ = std::vector<dsp::Lanes>(kBins);
  std::vector<dsp::Lanes> classes_ = std::vector<dsp::Lanes>(kTunings * kPitchClasses);
};

std::vector<FieldInfo> fields() {
  using records::FieldType;
  const std::string chroma =
      " of the pitch classes C, C#, …, B, each frame divided by its maximum (librosa's chroma_stft: power of frames of "
      "2048 samples every 512, centred; tuned to the track as librosa estimates it from powers)";
  return {
      {"chroma.stft.mean", FieldType::vector, kPitchClasses, "", "0 … 1", "means" + chroma},
      {"chroma.stft.std", FieldType::vector, kPitchClasses, "", "0 … 0.5", "standard deviations" + chroma},
      {"chroma.tuning", FieldType::number, 0, "semitones", "-0.5 … 0.49",
       "by how much the track lies above A4 = 440 Hz (librosa's estimate_tuning: of magnitudes, steps of 0.01)"},
  };
}

}  // namespace

FeatureInfo chroma_stft_feature() {
  return {.name = "chroma-stft",
          .group = "chroma",
          .description = "pitch classes of spectra and their tuning, as librosa's",
          .version = 2,
          .uses_spectra = true,
          .fields = fields(),
          .make = [](const TrackFormat& format, const FeatureOptions& options) -> std::unique_ptr<Feature> {
            return std::make_unique<ChromaStft>(format, options);
          }};
}

}  // namespace vivace::analyze
