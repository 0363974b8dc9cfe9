#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/job_monitor.hpp"
#include "jobs/scan.hpp"
#include "library/analyze_job.hpp"
#include "library/catalogue.hpp"
#include "library/database.hpp"
#include "library/results.hpp"

namespace vivace::cli {

/// What a job over a library was asked for, whatever it does with the tracks.
struct LibraryJobArguments {
  std::vector<std::string> folders;
  bool retry_failed = false;
  jobs::ScanOptions scan;
  std::string links = "follow";
  std::string shard;
  bool hash = false;
  library::TrackLimits limits;
  std::size_t threads = 0;  ///< 0: as many as there are cores for this process
  int nice = 0;
  MonitorOptions monitor;
  bool quiet = false;
  bool profile = false;
  bool verbose = false;
};

/// Adds the options for which files are looked at, for limits, and for reporting. `arguments` must outlive the parse.
void add_scan_options(CLI::App& command, LibraryJobArguments& arguments);
void add_limit_options(CLI::App& command, LibraryJobArguments& arguments);
void add_reporting_options(CLI::App& command, LibraryJobArguments& arguments);

/// The threads that were asked for.
std::size_t thread_count(const LibraryJobArguments& arguments);

/// Which files the job is for, as a text that is the same for the same ones.
std::string scope_of(const std::vector<std::filesystem::path>& roots, const LibraryJobArguments& arguments);

/// Brings the catalogue in line with the disk, and tells of it. `stop` ends what takes long.
library::CatalogueReport scan_library(library::Database& database, const std::vector<std::filesystem::path>& roots,
                                      LibraryJobArguments& arguments, const std::stop_token& stop);

/// Tells of a track that this process is through with, whatever became of it.
using TrackTeller = std::function<void(const library::JobEvent& event)>;

/// Runs the job, shows its progress and tells what it came to; `tell` may be empty. Returns the program's exit code.
int run_library_job(library::Database& database, library::Results& results, const library::TrackAnalyst& analyst,
                    const library::JobOptions& options, const library::CatalogueReport& found,
                    const LibraryJobArguments& arguments, const TrackTeller& tell, const std::stop_token& stop);

}  // namespace vivace::cli
