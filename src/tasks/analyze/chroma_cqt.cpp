#include "tasks/analyze/chroma_cqt.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

#include "dsp/constant_q.hpp"
#include "dsp/half_band.hpp"
#include "dsp/spectral_shape.hpp"
#include "tasks/analyze/chroma_filters.hpp"
#include "tasks/analyze/frame_statistics.hpp"
#include "tasks/analyze/tuning.hpp"

namespace vivace::analyze {
namespace {

constexpr std::size_t kOctaves = 7;
constexpr std::size_t kBinsPerOctave = 36;
constexpr std::size_t kBinsPerClass = kBinsPerOctave / kPitchClasses;
constexpr double kC1Hz = 440.0 / 13.454342644059432;  // 440 / 2^(45 / 12)
constexpr int kLeastRate = 11025;
// The rate is halved while it stays above 2.5 times the highest frequency: 7 octaves above C1, half a bin sharp.
constexpr double kLeastTransformRate = 2.5 * 4227;
constexpr std::size_t kMostHalvings = 3;  // so that the hop of the lowest octave is at least one sample
constexpr std::size_t kMostHeld = std::size_t{1} << 23;
constexpr double kSparsity = 0.01;                   // librosa's
constexpr double kHannBandwidth = 1.50018310546875;  // bins, as librosa's window_bandwidth has it

std::size_t halvings(int sample_rate) {
  std::size_t count = 0;
  while (count < kMostHalvings && sample_rate / std::exp2(count + 1) >= kLeastTransformRate) ++count;
  return count;
}

/// How often librosa halves the rate before it makes its filters: while the highest one, with half the bandwidth of its
/// window, stays below a quarter of the new rate.
std::size_t halvings_of_librosa(int sample_rate, double lowest_hz) {
  constexpr double kBins = kBinsPerOctave;
  const double bandwidth = kHannBandwidth * std::tanh(std::numbers::ln2 / kBins);
  const double highest = lowest_hz * std::exp2(kOctaves - 1 / kBins) * (1 + bandwidth / 2);
  std::size_t count = 0;
  while (count < kMostHalvings && sample_rate / std::exp2(count + 3) > highest) ++count;
  return count;
}

/// Halves a rate several times.
class Decimators {
 public:
  explicit Decimators(std::size_t count) : stages_(count) {}

  std::vector<float> push(std::span<const float> samples) {
    std::vector<float> current(samples.begin(), samples.end());
    for (dsp::HalfBandDecimator& stage : stages_) {
      std::vector<float> halved;
      stage.push(current, halved);
      current = std::move(halved);
    }
    return current;
  }

  std::vector<float> finish() {
    std::vector<float> current;
    for (dsp::HalfBandDecimator& stage : stages_) {
      std::vector<float> halved;
      stage.push(current, halved);
      stage.finish(halved);
      current = std::move(halved);
    }
    return current;
  }

 private:
  std::vector<dsp::HalfBandDecimator> stages_;
};

/// Adds up the bins nearest to each pitch class: a third of a semitone below, at, and above it.
void fold_octaves(std::span<const dsp::Lanes> magnitudes, std::span<dsp::Lanes> classes) {
  std::ranges::fill(classes, dsp::Lanes{});
  for (std::size_t bin = 0; bin < magnitudes.size(); ++bin) {
    const std::size_t pitch_class = (bin + 1) / kBinsPerClass % kPitchClasses;
    classes[pitch_class].values += magnitudes[bin].values;
  }
}

/// The transform needs to know the tuning: samples are held until it is known, at the end or when they become too many.
class ChromaCqt : public Feature {
 public:
  ChromaCqt(const TrackFormat& format, const FeatureOptions& options)
      : sample_rate_(format.analysis_rate),
        keep_curves_(options.curves),
        halvings_(halvings(format.analysis_rate)),
        decimators_(halvings_),
        tuning_(format.analysis_rate, kBinsPerOctave) {}

  void push(const Block& block) override {
    if (sample_rate_ < kLeastRate) return;
    const Spectra& spectra = block.spectra;
    for (std::size_t frame = 0; frame < spectra.frames; ++frame) tuning_.add(spectra.magnitude_of(frame));
    silent_ = silent_ && dsp::highest(spectra.magnitude) == 0;
    hear(decimators_.push(block.mono));
  }

  Findings finish() override {
    if (sample_rate_ < kLeastRate) return nothing("sample rate below 11025 Hz");
    hear(decimators_.finish());
    if (held_samples_ == 0) return nothing("no samples");
    if (silent_) return nothing("silence");
    if (!transform_) start();
    transform_->finish([&](std::span<const dsp::Lanes> magnitudes, std::size_t count) { add(magnitudes, count); });
    std::vector<FieldValue> statistics;
    append_statistics(statistics, classes_, "no samples");
    Findings findings{{statistics[0], statistics[1]}, {}};
    if (keep_curves_) {
      const double rate = static_cast<double>(sample_rate_) / kHop;
      findings.curves.push_back({"chroma.cqt", rate, 0, kPitchClasses, std::move(curve_)});
    }
    return findings;
  }

 private:
  static Findings nothing(const std::string& reason) { return {{none(reason), none(reason)}, {}}; }

  void hear(std::vector<float> samples) {
    held_samples_ += samples.size();
    if (transform_) {
      transform(samples);
    } else {
      held_.push_back(std::move(samples));
      if (held_samples_ > kMostHeld) start();
    }
  }

  void start() {
    const double lowest_hz = kC1Hz * std::exp2(tuning_.estimate() / kBinsPerOctave);
    transform_.emplace(dsp::ConstantQOptions{
        .sample_rate = sample_rate_ / std::exp2(halvings_),
        .lowest_hz = lowest_hz,
        .octaves = kOctaves,
        .bins_per_octave = kBinsPerOctave,
        .hop = kHop >> halvings_,
        .oversampling = std::size_t{1} << (halvings_ - halvings_of_librosa(sample_rate_, lowest_hz)),
        .sparsity = kSparsity});
    for (std::vector<float>& samples : held_) {
      transform(samples);
      samples = {};
    }
    held_.clear();
  }

  void transform(std::span<const float> samples) {
    transform_->push(samples,
                     [&](std::span<const dsp::Lanes> magnitudes, std::size_t count) { add(magnitudes, count); });
  }

  void add(std::span<const dsp::Lanes> magnitudes, std::size_t count) {
    std::array<dsp::Lanes, kPitchClasses> chroma;
    fold_octaves(magnitudes, chroma);
    normalise_classes(chroma);
    for (std::size_t lane = 0; lane < count; ++lane) {
      for (std::size_t i = 0; i < kPitchClasses; ++i) {
        classes_[i].add(chroma[i].values[lane]);
        if (keep_curves_) curve_.push_back(chroma[i].values[lane]);
      }
    }
  }

  int sample_rate_;
  bool keep_curves_;
  bool silent_ = true;
  std::size_t halvings_;
  Decimators decimators_;
  TuningEstimator tuning_;
  std::size_t held_samples_ = 0;
  std::vector<std::vector<float>> held_;
  std::optional<dsp::ConstantQ> transform_;
  std::array<FrameStatistics, kPitchClasses> classes_;
  std::vector<float> curve_;
};

std::vector<FieldInfo> fields() {
  using records::FieldType;
  const std::string chroma =
      " of the pitch classes C, C#, …, B, each frame divided by its maximum (librosa's chroma_cqt: 7 octaves from C1, "
      "36 "
      "bins an octave, hop 512; tuned to the track as librosa estimates it, to the first 8 million samples at a rate "
      "of "
      "11 … 21 kHz where it is longer)";
  return {
      {"chroma.cqt.mean", FieldType::vector, kPitchClasses, "", "0 … 1", "means" + chroma},
      {"chroma.cqt.std", FieldType::vector, kPitchClasses, "", "0 … 0.5", "standard deviations" + chroma},
  };
}

}  // namespace

FeatureInfo chroma_cqt_feature() {
  return {.name = "chroma-cqt",
          .group = "chroma",
          .description = "pitch classes of a constant-Q transform, as librosa's",
          .version = 2,
          .uses_mono = true,
          .uses_spectra = true,
          .fields = fields(),
          .make = [](const TrackFormat& format, const FeatureOptions& options) -> std::unique_ptr<Feature> {
            return std::make_unique<ChromaCqt>(format, options);
          }};
}

}  // namespace vivace::analyze
