#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "media/downmix.hpp"
#include "support/signals.hpp"
#include "tasks/analyze/features.hpp"
#include "tasks/analyze/spectra.hpp"

namespace vivace::test {

/// Lets a feature hear planar audio, [channels][frames], cut into blocks of `block` frames. The rate must be the one
/// that the feature listens at, or 0 in its FeatureInfo.
inline analyze::Findings listen(const analyze::FeatureInfo& info, const std::vector<std::vector<float>>& channels,
                                int sample_rate, std::size_t block = 16384,
                                const analyze::FeatureOptions& options = {}) {
  const analyze::TrackFormat format{sample_rate, channels.size(), sample_rate};
  const auto feature = info.make(format, options);
  analyze::SpectraMaker maker;
  analyze::Spectra spectra;
  media::AudioBlock audio{sample_rate, channels.size(), 0, 0, {}};
  std::vector<float> mono;
  for (std::size_t begin = 0; begin < channels.front().size(); begin += block) {
    audio.frames = std::min(block, channels.front().size() - begin);
    audio.position = static_cast<std::int64_t>(begin);
    audio.samples.clear();
    for (const auto& channel : channels) {
      const auto first = channel.begin() + static_cast<std::ptrdiff_t>(begin);
      audio.samples.insert(audio.samples.end(), first, first + static_cast<std::ptrdiff_t>(audio.frames));
    }
    media::downmix_to_mono(audio, mono);
    maker.push(mono, spectra);
    feature->push({audio, mono, spectra});
  }
  audio.frames = 0;
  audio.samples.clear();
  maker.finish(spectra);
  feature->push({audio, {}, spectra});
  return feature->finish();
}

/// 1.5 s of two tones and a tenth of the noise, at 44.1 kHz.
inline std::vector<float> noisy_tones() {
  std::vector<float> samples = two_tones(66150);
  const std::vector<float> noise = scrambled(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] += 0.1F * noise[i];
  return samples;
}

/// The value of a field by its name; fails where there is none of that name.
inline const analyze::FieldValue& field_of(const analyze::FeatureInfo& info, const analyze::Findings& findings,
                                           const std::string& name) {
  const auto found =
      std::find_if(info.fields.begin(), info.fields.end(), [&](const auto& f) { return f.name == name; });
  return findings.fields.at(static_cast<std::size_t>(found - info.fields.begin()));
}

inline double number_of(const analyze::FeatureInfo& info, const analyze::Findings& findings, const std::string& name) {
  return std::get<double>(field_of(info, findings, name).value);
}

inline const std::vector<float>& vector_of(const analyze::FeatureInfo& info, const analyze::Findings& findings,
                                           const std::string& name) {
  return std::get<std::vector<float>>(field_of(info, findings, name).value);
}

}  // namespace vivace::test
