#include "cli/feature_choice.hpp"

#include <algorithm>
#include <memory>

#include "cli/placement_arguments.hpp"
#include "media/audio_block.hpp"
#include "tasks/analyze/features.hpp"
#include "tasks/analyze/model_feature.hpp"
#include "vivace/embed.hpp"

namespace vivace::cli {
namespace {

constexpr const char* kNoModel = "none";

std::vector<std::string> models_of(const FeatureChoice& choice) {
  if (choice.models == std::vector<std::string>{kNoModel}) return {};
  if (!choice.models.empty()) return choice.models;
  return choice.features.empty() ? std::vector<std::string>{EmbedOptions{}.model} : std::vector<std::string>{};
}

}  // namespace

std::vector<const analyze::FeatureInfo*> FeatureChoice::plain() const {
  const bool only_models = features.empty() && without == std::vector<std::string>{"all"};
  return only_models ? std::vector<const analyze::FeatureInfo*>() : analyze::choose_features(features, without);
}

std::vector<const analyze::FeatureInfo*> FeatureChoice::open(std::vector<analyze::FeatureInfo>& opened,
                                                             bool curves) const {
  std::vector<const analyze::FeatureInfo*> chosen = plain();
  for (const std::string& model : models_of(*this)) {
    EmbedOptions options;
    options.model = model;
    options.placement = placement;
    options.keep_rows = curves;
    opened.push_back(analyze::model_feature(std::make_shared<const Embedder>(options)));
  }
  for (const analyze::FeatureInfo& model : opened) chosen.push_back(&model);
  return chosen;
}

void add_feature_choice(CLI::App& command, FeatureChoice& choice) {
  command.add_option("--features", choice.features, "only these, e.g. loudness,onsets; see vivace features --list")
      ->delimiter(',');
  command.add_option("--without", choice.without, "all but these; 'all': models only")->delimiter(',');
  command
      .add_option("-m,--model", choice.models,
                  "embeddings and tags by these models, e.g. discogs-effnet+danceability; none: no model "
                  "[msd-musicnn, unless features are named]")
      ->delimiter(',');
  add_placement_options(command, choice.placement);
}

void add_analyzer_options(CLI::App& command, analyze::AnalyzerOptions& analyzer) {
  command.add_option("--rate", analyzer.analysis_rate, "Hz of the spectral features; 0: the file's own")
      ->check(CLI::Range(0, 0) | CLI::Range(media::kLowestSampleRate, media::kHighestSampleRate))
      ->capture_default_str();
  command.add_flag("--dual-mono", analyzer.feature.dual_mono,
                   "loudness of a mono file as if it were played on two loudspeakers");
}

}  // namespace vivace::cli
