#include "library/stem_features.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "media/audio_block.hpp"
#include "media/decoder.hpp"

namespace vivace::library {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kGroup = "stems";
constexpr std::size_t kStereo = 2;

/// A feature whose curves are those of a stem.
class OfStem : public analyze::Feature {
 public:
  OfStem(std::unique_ptr<analyze::Feature> feature, std::string prefix)
      : feature_(std::move(feature)), prefix_(std::move(prefix)) {}

  void push(const analyze::Block& block) override { feature_->push(block); }

  analyze::Findings finish() override {
    analyze::Findings findings = feature_->finish();
    for (analyze::Curve& curve : findings.curves) curve.name = prefix_ + curve.name;
    return findings;
  }

 private:
  std::unique_ptr<analyze::Feature> feature_;
  std::string prefix_;
};

analyze::FeatureInfo of_stem(const analyze::FeatureInfo& feature, const std::string& stem,
                             const SeparateModelInfo& model) {
  const std::string prefix = fmt::format("{}.{}.", kGroup, stem);
  analyze::FeatureInfo info = feature;
  info.name = fmt::format("{}-{}-{}", kGroup, stem, feature.name);
  info.group = kGroup;
  info.description = fmt::format("{}: {}", stem, feature.description);
  info.configuration = fmt::format("{}, {}", model.sha256, model.configuration);
  for (analyze::FieldInfo& field : info.fields) field.name = prefix + field.name;
  info.make = [make = feature.make, prefix](const analyze::TrackFormat& format,
                                            const analyze::FeatureOptions& options) {
    return std::make_unique<OfStem>(make(format, options), prefix);
  };
  return info;
}

/// The stems of one track, each with the features that listen to it.
class StemListeners {
 public:
  /// `features[i]` are those of stem i.
  StemListeners(const std::vector<std::vector<const analyze::FeatureInfo*>>& features,
                const analyze::AnalyzerOptions& options, int sample_rate)
      : sample_rate_(sample_rate) {
    for (const auto& wanted : features) {
      analyze::AnalyzerOptions of_stem = options;
      of_stem.features = wanted;
      tracks_.emplace_back(sample_rate, kStereo, of_stem);
    }
  }

  void push(const StemStretch& stretch) {
    constexpr std::size_t kFramesPerBlock = 16384;
    for (std::size_t begin = 0; begin < stretch.frames; begin += kFramesPerBlock) {
      const std::size_t count = std::min(kFramesPerBlock, stretch.frames - begin);
      for (std::size_t stem = 0; stem < tracks_.size(); ++stem) {
        media::AudioBlock block{sample_rate_, kStereo, count, stretch.position + static_cast<std::int64_t>(begin), {}};
        for (std::size_t channel = 0; channel < kStereo; ++channel) {
          std::ranges::copy(stretch.channel(stem, channel).subspan(begin, count), std::back_inserter(block.samples));
        }
        tracks_[stem].push(block);
      }
    }
  }

  std::vector<analyze::Analysis> finish() {
    std::vector<analyze::Analysis> analyses;
    for (analyze::TrackAnalysis& track : tracks_) analyses.push_back(track.finish());
    return analyses;
  }

 private:
  int sample_rate_;
  std::vector<analyze::TrackAnalysis> tracks_;
};

class StemAnalyst {
 public:
  StemAnalyst(analyze::AnalyzerOptions options, std::size_t first, std::shared_ptr<const Separator> separator)
      : options_(std::move(options)), first_(first), separator_(std::move(separator)) {
    plain_ = feature_analyst(options_);
  }

  TrackFindings operator()(const std::filesystem::path& path, const std::vector<std::size_t>& sets,
                           const std::function<void()>& checkpoint) const {
    const auto of_stems = std::ranges::partition_point(sets, [&](std::size_t set) { return set < first_; });
    const std::vector<std::size_t> plain(sets.begin(), of_stems);
    const std::vector<std::size_t> stems(of_stems, sets.end());
    TrackFindings findings;
    if (!plain.empty()) findings = plain_(path, plain, checkpoint);
    if (!stems.empty()) add_stems(findings, path, stems, checkpoint);
    return findings;
  }

 private:
  /// Sets come stem by stem, as stem_features gave their features.
  std::size_t stem_of(std::size_t set) const {
    const std::size_t features = (options_.features.size() - first_) / separator_->model().stems.size();
    return (set - first_) / features;
  }

  void add_stems(TrackFindings& findings, const std::filesystem::path& path, const std::vector<std::size_t>& sets,
                 const std::function<void()>& checkpoint) const {
    const SeparateModelInfo& model = separator_->model();
    std::vector<std::vector<const analyze::FeatureInfo*>> wanted(model.stems.size());
    std::vector<std::vector<std::size_t>> sets_of_stem(model.stems.size());
    for (const std::size_t set : sets) {
      wanted[stem_of(set)].push_back(options_.features[set]);
      sets_of_stem[stem_of(set)].push_back(set);
    }
    const media::AudioStreamInfo source = media::Decoder(path).info();
    StemListeners listeners(wanted, options_, model.sample_rate);
    const SeparationSummary summary = separator_->separate_file(
        path, [&](const StemStretch& stretch) { listeners.push(stretch); }, checkpoint);
    findings.properties = {summary.duration_s, source.sample_rate, source.channels,
                           source.container,   source.codec,       summary.truncated};
    findings.times.push_back({"separate", summary.network_s});
    std::vector<analyze::Analysis> analyses = listeners.finish();
    for (std::size_t stem = 0; stem < analyses.size(); ++stem) add(findings, analyses[stem], sets_of_stem[stem]);
  }

  void add(TrackFindings& findings, analyze::Analysis& analysis, const std::vector<std::size_t>& sets) const {
    for (std::size_t i = 0; i < sets.size(); ++i) {
      std::ranges::move(analysis.findings[i].curves, std::back_inserter(findings.curves));
      const auto time = std::ranges::find(analysis.times, options_.features[sets[i]]->name, &analyze::StageTime::stage);
      findings.sets.push_back({sets[i], std::move(analysis.findings[i].fields),
                               time == analysis.times.end() ? 0 : time->seconds, std::move(analysis.failures[i])});
    }
    std::ranges::move(analysis.times, std::back_inserter(findings.times));
  }

  analyze::AnalyzerOptions options_;
  std::size_t first_;
  std::shared_ptr<const Separator> separator_;
  TrackAnalyst plain_;
};

}  // namespace

std::vector<analyze::FeatureInfo> stem_features(const Separator& separator,
                                                const std::vector<const analyze::FeatureInfo*>& features) {
  std::vector<analyze::FeatureInfo> all;
  for (const std::string& stem : separator.model().stems) {
    for (const analyze::FeatureInfo* feature : features) all.push_back(of_stem(*feature, stem, separator.model()));
  }
  return all;
}

TrackAnalyst analyst_with_stems(analyze::AnalyzerOptions options, std::size_t first_of_stems,
                                std::shared_ptr<const Separator> separator) {
  return StemAnalyst(std::move(options), first_of_stems, std::move(separator));
}

}  // namespace vivace::library
