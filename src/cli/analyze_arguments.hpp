#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "cli/feature_choice.hpp"
#include "cli/job_monitor.hpp"
#include "jobs/scan.hpp"
#include "library/analyze_job.hpp"
#include "library/catalogue.hpp"
#include "tasks/analyze/analyzer.hpp"

namespace vivace::cli {

/// What `vivace analyze` was asked for.
struct AnalyzeArguments {
  std::vector<std::string> folders;
  std::string output = "library.db";
  FeatureChoice choice;
  std::vector<std::string> overwrite;
  bool retry_failed = false;
  jobs::ScanOptions scan;
  std::string links = "follow";
  std::string shard;
  bool hash = false;
  std::string sidecar;
  std::string timeseries;  ///< a folder
  std::string timeseries_format = "npz";
  library::TrackLimits limits{.time_s = 1800};
  analyze::AnalyzerOptions analyzer;
  std::size_t threads = 0;
  int nice = 0;
  MonitorOptions monitor;
  bool quiet = false;
  bool profile = false;
  bool verbose = false;
};

void add_analyze_options(CLI::App& command, AnalyzeArguments& arguments);

}  // namespace vivace::cli
