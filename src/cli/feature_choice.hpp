#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "tasks/analyze/analyzer.hpp"
#include "tasks/analyze/feature.hpp"
#include "vivace/placement.hpp"

namespace vivace::cli {

/// Which features and models were asked for.
struct FeatureChoice {
  std::vector<std::string> features;  ///< empty: those of the default analysis
  std::vector<std::string> without;
  std::vector<std::string> models;  ///< "none": no model; empty: the default one, where no features are named
  PlacementOptions placement{};

  /// The chosen features that are no models.
  std::vector<const analyze::FeatureInfo*> plain() const;

  /// The chosen features, and the models as features behind them, which `opened` keeps. `curves`: models keep their
  /// rows, for FeatureOptions::curves.
  std::vector<const analyze::FeatureInfo*> open(std::vector<analyze::FeatureInfo>& opened, bool curves) const;
};

/// Adds the options. `choice` must outlive the parse.
void add_feature_choice(CLI::App& command, FeatureChoice& choice);

/// Adds the options for how features are computed. `analyzer` must outlive the parse.
void add_analyzer_options(CLI::App& command, analyze::AnalyzerOptions& analyzer);

}  // namespace vivace::cli
