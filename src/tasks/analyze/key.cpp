#include "tasks/analyze/key.hpp"

#include <cmath>

#include "base/vectorised.hpp"
#include "dsp/frame_cutter.hpp"
#include "dsp/real_fft.hpp"
#include "dsp/window.hpp"
#include "tasks/analyze/key_profiles.hpp"
#include "tasks/analyze/pitch_classes.hpp"
#include "tasks/analyze/spectral_peaks.hpp"
#include "tasks/analyze/spectral_whitening.hpp"

namespace vivace::analyze {
namespace {

// Essentia's KeyExtractor.
constexpr int kRate = 44100;
constexpr std::size_t kKeyFrame = 4096;
constexpr double kBinHz = static_cast<double>(kRate) / kKeyFrame;
constexpr double kHighHz = 3500;
constexpr PeakRange kPeaks = {.bin_hz = kBinHz, .low_hz = 25, .high_hz = kHighHz, .threshold = 1e-4F, .most = 60};
constexpr std::size_t kUsedBins = 520;  // as far as the whitening of peaks up to kHighHz looks

/// A symmetric Hann window with the sum 2.
std::vector<float> normalised_window() {
  std::vector<float> window = dsp::hann_window(kKeyFrame, dsp::WindowEnds::symmetric);
  double sum = 0;
  for (const float weight : window) sum += static_cast<double>(weight);
  for (float& weight : window) weight = static_cast<float>(2 * static_cast<double>(weight) / sum);
  return window;
}

VIVACE_VECTORISED void multiply(const float* a, const float* b, float* dst, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) dst[i] = a[i] * b[i];
}

class KeyFinder : public Feature {
 public:
  KeyFinder()
      : window_(normalised_window()),
        cutter_(kKeyFrame, kKeyFrame, true),
        fft_(kKeyFrame),
        whitening_(kUsedBins, kBinHz, kHighHz),
        magnitudes_(kUsedBins) {}

  void push(const Block& block) override {
    samples_ += block.mono.size();
    cutter_.push(block.mono, [this](std::span<const float> frame) { listen(frame); });
  }

  Findings finish() override {
    cutter_.finish([this](std::span<const float> frame) { listen(frame); });
    Findings findings;
    for (const KeyProfile& profile : key_profiles()) append(findings.fields, profile);
    return findings;
  }

 private:
  void listen(std::span<const float> frame) {
    multiply(frame.data(), window_.data(), fft_.input().data(), kKeyFrame);
    const auto bins = fft_.forward();
    for (std::size_t i = 0; i < kUsedBins; ++i) {
      magnitudes_[i] = std::sqrt(bins[i].real() * bins[i].real() + bins[i].imag() * bins[i].imag());
    }
    find_peaks(magnitudes_, kPeaks, peaks_);
    if (peaks_.empty()) return;
    whitening_.apply(magnitudes_, peaks_);
    add_to_profile(peaks_, sounding_);
  }

  void append(std::vector<FieldValue>& fields, const KeyProfile& profile) const {
    if (sounding_ == PitchClasses{}) {
      fields.insert(fields.end(), 3, none(samples_ == 0 ? "no audio" : "nothing sounds from 25 to 3500 Hz"));
      return;
    }
    const Key key = best_key(sounding_, profile);
    fields.push_back({key.tonic, {}});
    fields.push_back({key.scale, {}});
    fields.push_back(number(key.strength));
  }

  std::vector<float> window_;
  dsp::FrameCutter cutter_;
  dsp::RealFft fft_;
  SpectralWhitening whitening_;
  std::vector<float> magnitudes_;
  std::vector<SpectralPeak> peaks_;
  PitchClasses sounding_{};
  std::size_t samples_ = 0;
};

std::vector<FieldInfo> fields() {
  using records::FieldType;
  std::vector<FieldInfo> fields;
  for (const KeyProfile& profile : key_profiles()) {
    const std::string prefix = profile.name == "bgate" ? "key." : "key." + profile.name + "_";
    const std::string definition = "by the profile " + profile.name + ": " + profile.source;
    fields.push_back({prefix + "key", FieldType::text, 0, "", "C, Db, D, Eb, E, F, Gb, G, Ab, A, Bb, B",
                      "tonic, as Essentia's KeyExtractor, " + definition});
    fields.push_back(
        {prefix + "scale", FieldType::text, 0, "", "major, minor", "scale, as Essentia's KeyExtractor, " + definition});
    fields.push_back({prefix + "strength", FieldType::number, 0, "", "-1 … 1",
                      "correlation of the key's profile with what sounds, as Essentia's KeyExtractor, " + definition});
  }
  return fields;
}

}  // namespace

FeatureInfo key_feature() {
  return {.name = "key",
          .group = "key",
          .description = "key and scale by several key profiles",
          .rate = kRate,
          .uses_mono = true,
          .fields = fields(),
          .make = [](const TrackFormat&, const FeatureOptions&) -> std::unique_ptr<Feature> {
            return std::make_unique<KeyFinder>();
          }};
}

}  // namespace vivace::analyze
