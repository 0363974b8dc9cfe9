#pragma once

#include <CLI/CLI.hpp>

#include "bench/cost.hpp"

namespace vivace::cli {

/// Adds the options that say how many hours a machine runs and is in use. `cost` must outlive the parse.
void add_cost_options(CLI::App& command, bench::CostOptions& cost);

}  // namespace vivace::cli
