#pragma once

#include "cli/command.hpp"

namespace vivace::cli {

/// Adds `vivace bench run` to `bench`.
void add_bench_run(CLI::App& bench, Action& action);

}  // namespace vivace::cli
