#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/feature_choice.hpp"
#include "cli/library_job.hpp"
#include "tasks/analyze/analyzer.hpp"

namespace vivace::cli {

/// What `vivace analyze` was asked for.
struct AnalyzeArguments {
  std::string output = "library.db";
  FeatureChoice choice;
  std::vector<std::string> overwrite;
  LibraryJobArguments job;
  bool stems = false;
  std::string stems_model;  ///< empty: the default one
  std::string sidecar;
  std::string timeseries;  ///< a folder
  std::string timeseries_format = "npz";
  analyze::AnalyzerOptions analyzer;
};

void add_analyze_options(CLI::App& command, AnalyzeArguments& arguments);

}  // namespace vivace::cli
