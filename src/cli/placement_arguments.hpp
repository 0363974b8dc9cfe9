#pragma once

#include <CLI/CLI.hpp>

#include "vivace/placement.hpp"

namespace vivace::cli {

/// Adds the options that say where and how a graph runs. `placement` must outlive the parse.
void add_placement_options(CLI::App& command, PlacementOptions& placement);

/// The same but for --cache, of commands that neither keep graphs nor take what was tuned.
void add_uncached_placement_options(CLI::App& command, PlacementOptions& placement);

}  // namespace vivace::cli
