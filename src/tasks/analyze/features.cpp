#include "tasks/analyze/features.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tasks/analyze/chroma_cqt.hpp"
#include "tasks/analyze/chroma_stft.hpp"
#include "tasks/analyze/danceability.hpp"
#include "tasks/analyze/key.hpp"
#include "tasks/analyze/level.hpp"
#include "tasks/analyze/loudness.hpp"
#include "tasks/analyze/mfcc.hpp"
#include "tasks/analyze/onsets.hpp"
#include "tasks/analyze/spectral.hpp"
#include "tasks/analyze/tempo.hpp"
#include "vivace/error.hpp"

namespace vivace::analyze {
namespace {

std::string known_names() {
  std::string names;
  for (const FeatureInfo& feature : features()) names += (names.empty() ? "" : ", ") + feature.name;
  return names;
}

/// Whether `names` hold the name of a feature or its group.
bool is_among(const FeatureInfo& feature, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return name == feature.name || name == feature.group; });
}

void require_known(const std::string& name) {
  for (const FeatureInfo& feature : features()) {
    if (is_among(feature, {name})) return;
  }
  throw Error(ErrorCode::invalid_argument, "features",
              fmt::format("no feature '{}'; there are {}", name, known_names()));
}

}  // namespace

std::span<const FeatureInfo> features() {
  static const std::vector<FeatureInfo> registry = {
      loudness_feature(), true_peak_feature(),   level_feature(),        spectral_feature(),
      mfcc_feature(),     chroma_stft_feature(), chroma_cqt_feature(),   onsets_feature(),
      tempo_feature(),    key_feature(),         danceability_feature(),
  };
  return registry;
}

std::vector<const FeatureInfo*> choose_features(const std::vector<std::string>& names,
                                                const std::vector<std::string>& without) {
  for (const std::string& name : names) require_known(name);
  for (const std::string& name : without) require_known(name);
  std::vector<const FeatureInfo*> chosen;
  for (const FeatureInfo& feature : features()) {
    const bool wanted = names.empty() ? feature.by_default : is_among(feature, names);
    if (wanted && !is_among(feature, without)) chosen.push_back(&feature);
  }
  if (chosen.empty()) throw Error(ErrorCode::invalid_argument, "features", "none is left");
  return chosen;
}

}  // namespace vivace::analyze
