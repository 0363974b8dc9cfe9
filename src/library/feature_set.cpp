#include "library/feature_set.hpp"

#include <nlohmann/json.hpp>

#include "base/sha256.hpp"

namespace vivace::library {

std::string FeatureSet::configuration_hash() const {
  base::Sha256 hash;
  hash.update(configuration);
  return hash.finish();
}

FeatureSet feature_set_of(const analyze::FeatureInfo& feature, const analyze::FeatureOptions& options,
                          int analysis_rate) {
  nlohmann::json configuration = nlohmann::json::object();
  const bool heeds_rate = feature.uses_spectra || (feature.uses_mono && feature.rate == 0);
  if (heeds_rate && analysis_rate != 0) configuration["rate_hz"] = analysis_rate;
  if (feature.uses_dual_mono && options.dual_mono) configuration["dual_mono"] = true;
  if (!feature.configuration.empty()) configuration["model"] = feature.configuration;
  const std::string kind = feature.configuration.empty() ? "feature" : "model";
  return {feature.name, kind, feature.description, feature.version, configuration.dump(), feature.fields};
}

}  // namespace vivace::library
