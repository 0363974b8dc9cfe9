#pragma once

#include <string>
#include <vector>

#include "tasks/analyze/feature.hpp"

namespace vivace::library {

/// A group of fields that are computed together and stored in a table of their own: a feature of the analysis, or what
/// a model gives.
struct FeatureSet {
  std::string name;  ///< "level", "msd-musicnn"
  std::string kind;  ///< "feature" or "model"
  std::string description;
  int version = 1;            ///< results of another version are made anew
  std::string configuration;  ///< a JSON object of all settings that decide the results; other ones make them anew
  std::vector<analyze::FieldInfo> fields;

  /// SHA-256 of the configuration.
  std::string configuration_hash() const;
};

/// A feature of the analysis under these settings; `analysis_rate` as AnalyzerOptions have it.
FeatureSet feature_set_of(const analyze::FeatureInfo& feature, const analyze::FeatureOptions& options,
                          int analysis_rate);

}  // namespace vivace::library
