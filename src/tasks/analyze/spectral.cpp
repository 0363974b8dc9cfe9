#include "tasks/analyze/spectral.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "dsp/spectral_shape.hpp"
#include "tasks/analyze/frame_statistics.hpp"
#include "tasks/analyze/sample_frames.hpp"
#include "tasks/analyze/spectral_contrast.hpp"

namespace vivace::analyze {
namespace {

const std::string kEmpty = "no samples";
const std::string kSilence = "silence";
const std::string kNoBands = "no seven octave bands at this sample rate";

constexpr float kRolloffShare = 0.85F;
constexpr float kFlatnessFloor = 1e-10F;
// Essentia's Windowing makes the weights' sum 2; that of the Hann window of the spectra is kFrame / 2.
constexpr float kEssentiaScale = 4.0F / kFrame;

enum Scalar : std::size_t {
  kCentroid,
  kBandwidth,
  kRolloff,
  kFlatness,
  kZeroCrossingRate,
  kRms,
  kEssentiaFlux,
  kEssentiaRolloff,
  kEssentiaFlatness,
  kEssentiaSkewness,
  kEssentiaKurtosis,
  kScalars
};

const std::string kFrames = "frames of 2048 samples every 512, centred; ";

/// One value a frame, in the order of Scalar, then the vectors.
std::vector<FieldInfo> frame_fields() {
  using records::FieldType;
  const auto scalar = FieldType::number;
  const std::string essentia =
      " (Essentia, on librosa's frames: " + kFrames + "magnitudes scaled to 1 for a full-scale sine)";
  const std::string librosa = " (librosa, " + kFrames + "magnitudes)";
  return {
      {"spectral.centroid_hz", scalar, 0, "Hz", "0 … half the rate", "mean frequency" + librosa},
      {"spectral.bandwidth_hz", scalar, 0, "Hz", "0 …", "deviation of frequencies from the centroid, p = 2" + librosa},
      {"spectral.rolloff_hz", scalar, 0, "Hz", "0 … half the rate",
       "lowest frequency at or below which lies 0.85 of the magnitude" + librosa},
      {"spectral.flatness", scalar, 0, "", "0 … 1",
       "geometric over arithmetic mean of the power, at least 1e-10" + librosa},
      {"spectral.zero_crossing_rate", scalar, 0, "", "0 … 1",
       "changes of sign a sample (librosa, " + kFrames + "edges padded)"},
      {"spectral.rms", scalar, 0, "", "0 …", "root mean square of the samples (librosa, " + kFrames + "zeros padded)"},
      {"spectral.essentia_flux", scalar, 0, "", "0 …",
       "Euclidean distance of successive spectra, the first one's from zeros" + essentia},
      {"spectral.essentia_rolloff_hz", scalar, 0, "Hz", "0 … half the rate",
       "lowest frequency at or below which lies 0.85 of the energy" + essentia},
      {"spectral.essentia_flatness", scalar, 0, "", "0 … 1",
       "geometric over arithmetic mean of the magnitudes" + essentia},
      {"spectral.essentia_skewness", scalar, 0, "", "",
       "third central moment over the second to the 1.5, CentralMoments and DistributionShape" + essentia},
      {"spectral.essentia_kurtosis", scalar, 0, "", "-3 …",
       "fourth central moment over the square of the second, less 3, CentralMoments and DistributionShape" + essentia},
      {"spectral.contrast_db", FieldType::vector, kLibrosaContrastRows, "dB", "",
       "mean of the highest over mean of the lowest magnitudes in 0 … 200 Hz, five octaves up to 6400 Hz, and above, "
       "quantile 0.02" +
           librosa},
      {"spectral.essentia_contrast", FieldType::vector, kEssentiaContrastRows, "", "-1 … 0 for samples in -1 … 1",
       "SpectralContrast of Akkermans et al., 6 bands of 20 Hz … 11 kHz" + essentia},
  };
}

std::vector<FieldInfo> fields() {
  std::vector<FieldInfo> all;
  for (const FieldInfo& field : frame_fields()) append_statistics_fields(all, field);
  return all;
}

/// `third` over the second moment to the power 1.5, and `fourth` over its square less 3; 0 and -3 for no spread.
std::pair<float, float> shape_of(double second, double third, double fourth) {
  if (second <= 0) return {0.0F, -3.0F};
  return {static_cast<float>(third / std::pow(second, 1.5)), static_cast<float>(fourth / (second * second) - 3)};
}

class Spectral : public Feature {
 public:
  Spectral(const TrackFormat& format, const FeatureOptions& options)
      : bin_hz_(static_cast<float>(format.analysis_rate) / kFrame),
        essentia_bin_hz_(static_cast<float>(format.analysis_rate) / 2 / (kBins - 1)),
        frame_rate_hz_(static_cast<double>(format.analysis_rate) / kHop),
        keep_curves_(options.curves),
        contrast_(format.analysis_rate),
        essentia_contrast_(format.analysis_rate) {}

  void push(const Block& block) override {
    sample_frames_.push(block.mono, [&](const SampleFrame& frame) { add(frame); });
    const Spectra& spectra = block.spectra;
    for (std::size_t begin = 0; begin < spectra.frames; begin += dsp::kLanes) {
      add_spectra(spectra, begin, std::min(dsp::kLanes, spectra.frames - begin));
    }
  }

  Findings finish() override {
    sample_frames_.finish([&](const SampleFrame& frame) { add(frame); });
    Findings findings;
    for (std::size_t i = 0; i < kScalars; ++i) {
      const bool of_samples = i == kZeroCrossingRate || i == kRms || i == kEssentiaFlux;
      append_scalar(findings.fields, scalars_[i], of_samples);
    }
    append_contrast(findings);
    append_vector(findings.fields, essentia_rows_);
    if (keep_curves_) append_scalar_curves(findings.curves);
    return findings;
  }

 private:
  void add(Scalar scalar, float value) {
    scalars_[scalar].add(value);
    if (keep_curves_) curves_[scalar].push_back(value);
  }

  void add(const SampleFrame& frame) {
    add(kZeroCrossingRate, frame.zero_crossing_rate);
    add(kRms, frame.rms);
  }

  void add_spectra(const Spectra& spectra, std::size_t begin, std::size_t count) {
    const auto block = [&](const std::vector<float>& of) {
      return std::span<const float>(of).subspan(begin * kBins, count * kBins);
    };
    dsp::interleave(block(spectra.magnitude), magnitude_);
    dsp::interleave(block(spectra.power), power_);
    add_moments(count);
    add_values(kRolloff, dsp::rolloff_bin(magnitude_, kRolloffShare), bin_hz_, count);
    add_values(kFlatness, dsp::flatness(power_, kFlatnessFloor), 1, count);
    add_values(kEssentiaRolloff, dsp::rolloff_bin(power_, kRolloffShare), essentia_bin_hz_, count);
    add_values(kEssentiaFlatness, dsp::flatness(magnitude_, 0), 1, count);
    if (contrast_.has_bands()) contrast_.add(magnitude_, count);
    const std::vector<dsp::LaneValues> rows = essentia_contrast_.rows(magnitude_, kEssentiaScale);
    for (std::size_t lane = 0; lane < count; ++lane) {
      add_flux(spectra.magnitude_of(begin + lane));
      for (std::size_t row = 0; row < rows.size(); ++row) essentia_rows_[row].add(rows[row][lane]);
    }
  }

  void add_values(Scalar scalar, const dsp::LaneValues& values, float scale, std::size_t count) {
    for (std::size_t lane = 0; lane < count; ++lane) add(scalar, scale * values[lane]);
  }

  void add_moments(std::size_t count) {
    const dsp::SpectralMoments moments = dsp::spectral_moments(magnitude_);
    for (std::size_t lane = 0; lane < count; ++lane) {
      add(kCentroid, bin_hz_ * moments.centroid[lane]);
      add(kBandwidth, bin_hz_ * std::sqrt(moments.second[lane]));
      const auto [skewness, kurtosis] = shape_of(moments.second[lane], moments.third[lane], moments.fourth[lane]);
      add(kEssentiaSkewness, skewness);
      add(kEssentiaKurtosis, kurtosis);
      silent_ = silent_ && moments.second[lane] == 0 && moments.centroid[lane] == 0 && power_[0].values[lane] == 0;
    }
  }

  void add_flux(std::span<const float> magnitude) {
    add(kEssentiaFlux, kEssentiaScale * dsp::spectral_distance(magnitude, previous_));
    std::ranges::copy(magnitude, previous_.begin());
  }

  void append_scalar(std::vector<FieldValue>& values, const FrameStatistics& statistics, bool of_samples) const {
    if (statistics.count() > 0 && silent_ && !of_samples) {
      values.insert(values.end(), 3, none(kSilence));
    } else {
      append_statistics(values, statistics, kEmpty);
    }
  }

  void append_vector(std::vector<FieldValue>& values, std::span<const FrameStatistics> columns) const {
    if (columns.front().count() > 0 && silent_) {
      values.insert(values.end(), 3, none(kSilence));
    } else {
      append_statistics(values, columns, kEmpty);
    }
  }

  void append_contrast(Findings& findings) const {
    if (!contrast_.has_bands()) {
      findings.fields.insert(findings.fields.end(), 3, none(kNoBands));
      return;
    }
    std::vector<float> rows = contrast_.finish();
    std::array<FrameStatistics, kLibrosaContrastRows> statistics;
    for (std::size_t i = 0; i < rows.size(); ++i) statistics[i % kLibrosaContrastRows].add(rows[i]);
    append_vector(findings.fields, statistics);
    if (!keep_curves_) return;
    const double rate = frame_rate_hz_ / static_cast<double>(contrast_.stride());
    findings.curves.push_back({"spectral.contrast_db", rate, 0, kLibrosaContrastRows, std::move(rows)});
  }

  void append_scalar_curves(std::vector<Curve>& curves) {
    const std::vector<FieldInfo> names = frame_fields();
    for (std::size_t i = 0; i < kScalars; ++i) {
      curves.push_back({names[i].name, frame_rate_hz_, 0, 1, std::move(curves_[i])});
    }
  }

  float bin_hz_;
  float essentia_bin_hz_;
  double frame_rate_hz_;
  bool keep_curves_;
  bool silent_ = true;
  std::vector<dsp::Lanes> magnitude_ = std::vector<dsp::Lanes>(kBins);
  std::vector<dsp::Lanes> power_ = std::vector<dsp::Lanes>(kBins);
  std::vector<float> previous_ = std::vector<float>(kBins);
  SampleFrames sample_frames_;
  LibrosaContrast contrast_;
  EssentiaContrast essentia_contrast_;
  std::array<FrameStatistics, kScalars> scalars_;
  std::array<FrameStatistics, kEssentiaContrastRows> essentia_rows_;
  std::array<std::vector<float>, kScalars> curves_;
};

}  // namespace

FeatureInfo spectral_feature() {
  return {.name = "spectral",
          .group = "spectral",
          .description = "the shape of spectra, by librosa's and by Essentia's definitions",
          .uses_mono = true,
          .uses_spectra = true,
          .fields = fields(),
          .make = [](const TrackFormat& format, const FeatureOptions& options) -> std::unique_ptr<Feature> {
            return std::make_unique<Spectral>(format, options);
          }};
}

}  // namespace vivace::analyze
