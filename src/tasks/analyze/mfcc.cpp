#include "tasks/analyze/mfcc.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "dsp/mel.hpp"
#include "dsp/projection.hpp"
#include "tasks/analyze/decibel_frames.hpp"
#include "tasks/analyze/frame_statistics.hpp"

namespace vivace::analyze {
namespace {

constexpr std::size_t kBands = 128;
constexpr std::size_t kCoefficients = 13;
constexpr float kPowerFloor = 1e-10F;
constexpr float kDecibelRange = 80;

dsp::MelBank mel_bank(int sample_rate) {
  return dsp::MelBank({.sample_rate = static_cast<double>(sample_rate),
                       .fft_size = kFrame,
                       .bands = kBands,
                       .low_hz = 0,
                       .high_hz = sample_rate / 2.0});
}

/// The first rows of the orthonormal discrete cosine transform, type II.
dsp::Projection cosine_transform() {
  std::vector<float> weights;
  for (std::size_t row = 0; row < kCoefficients; ++row) {
    const double scale = std::sqrt((row == 0 ? 1.0 : 2.0) / kBands);
    for (std::size_t band = 0; band < kBands; ++band) {
      const double angle = std::numbers::pi * static_cast<double>(row * (2 * band + 1)) / (2 * kBands);
      weights.push_back(static_cast<float>(scale * std::cos(angle)));
    }
  }
  return {kBands, weights};
}

class Mfcc : public Feature {
 public:
  Mfcc(const TrackFormat& format, const FeatureOptions& options)
      : frame_rate_hz_(static_cast<double>(format.analysis_rate) / kHop),
        keep_curves_(options.curves),
        bank_(mel_bank(format.analysis_rate)),
        transform_(cosine_transform()) {}

  void push(const Block& block) override {
    const Spectra& spectra = block.spectra;
    for (std::size_t begin = 0; begin < spectra.frames; begin += dsp::kLanes) {
      const std::size_t count = std::min(dsp::kLanes, spectra.frames - begin);
      dsp::interleave(std::span<const float>(spectra.power).subspan(begin * kBins, count * kBins), power_);
      add(count);
    }
  }

  Findings finish() override {
    Findings findings;
    std::array<FrameStatistics, kCoefficients> statistics;
    std::vector<float> rows = coefficients();
    for (std::size_t i = 0; i < rows.size(); ++i) statistics[i % kCoefficients].add(rows[i]);
    if (silent_ && !rows.empty()) {
      findings.fields.assign(3, none("silence"));
    } else {
      append_statistics(findings.fields, statistics, "no samples");
    }
    if (keep_curves_) {
      const double rate = frame_rate_hz_ / static_cast<double>(decibels_.stride());
      findings.curves.push_back({"mfcc", rate, 0, kCoefficients, std::move(rows)});
    }
    return findings;
  }

 private:
  /// Takes the first `count` lanes of power_.
  void add(std::size_t count) {
    bank_.apply(power_, bands_);
    for (std::size_t band = 0; silent_ && band < kBands; ++band) {
      for (std::size_t lane = 0; lane < count; ++lane) silent_ = silent_ && bands_[band].values[lane] == 0;
    }
    dsp::to_decibels(bands_, kPowerFloor);
    std::array<float, kBands> frame;
    for (std::size_t lane = 0; lane < count; ++lane) {
      for (std::size_t band = 0; band < kBands; ++band) frame[band] = bands_[band].values[lane];
      highest_ = std::max(highest_, *std::ranges::max_element(frame));
      decibels_.add(frame);
    }
  }

  /// [frames, kCoefficients] of the frames that were kept.
  std::vector<float> coefficients() {
    std::vector<float> rows;
    rows.reserve(decibels_.rows() * kCoefficients);
    std::vector<dsp::Lanes> transformed(kCoefficients);
    for (std::size_t begin = 0; begin < decibels_.rows(); begin += dsp::kLanes) {
      const std::size_t count = std::min(dsp::kLanes, decibels_.rows() - begin);
      read_limited(begin, count);
      transform_.apply(bands_, transformed);
      for (std::size_t lane = 0; lane < count; ++lane) {
        for (const dsp::Lanes& coefficient : transformed) rows.push_back(coefficient.values[lane]);
      }
    }
    return rows;
  }

  /// Fills bands_ with kept frames, none of them more than kDecibelRange below the highest value of the track.
  void read_limited(std::size_t begin, std::size_t count) {
    std::vector<float> frames(count * kBands);
    for (std::size_t i = 0; i < count; ++i) {
      decibels_.read(begin + i, std::span<float>(frames).subspan(i * kBands, kBands));
    }
    for (float& value : frames) value = std::max(value, highest_ - kDecibelRange);
    dsp::interleave(frames, bands_);
  }

  double frame_rate_hz_;
  bool keep_curves_;
  bool silent_ = true;
  dsp::MelBank bank_;
  dsp::Projection transform_;
  std::vector<dsp::Lanes> power_ = std::vector<dsp::Lanes>(kBins);
  std::vector<dsp::Lanes> bands_ = std::vector<dsp::Lanes>(kBands);
  DecibelFrames decibels_{kBands};
  float highest_ = -1000;
};

std::vector<FieldInfo> fields() {
  std::vector<FieldInfo> all;
  append_statistics_fields(all, {"mfcc", records::FieldType::vector, kCoefficients, "", "",
                                 "cepstral coefficients 0 … 12 (librosa: 128 Slaney mel bands up to half the rate of "
                                 "the power of frames of 2048 samples every 512, centred; decibels at most 80 below "
                                 "the track's highest; orthonormal DCT II)"});
  return all;
}

}  // namespace

FeatureInfo mfcc_feature() {
  return {.name = "mfcc",
          .group = "mfcc",
          .description = "mel-frequency cepstral coefficients, as librosa's",
          .version = 2,
          .uses_spectra = true,
          .fields = fields(),
          .make = [](const TrackFormat& format, const FeatureOptions& options) -> std::unique_ptr<Feature> {
            return std::make_unique<Mfcc>(format, options);
          }};
}

}  // namespace vivace::analyze
