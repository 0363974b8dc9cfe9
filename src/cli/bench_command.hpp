#pragma once

#include "cli/command.hpp"

namespace vivace::cli {

/// Each adds its subcommand to `bench`.
void add_bench_run(CLI::App& bench, Action& action);
void add_bench_merge(CLI::App& bench, Action& action);
void add_bench_compare(CLI::App& bench, Action& action);
void add_bench_report(CLI::App& bench, Action& action);
void add_bench_cost(CLI::App& bench, Action& action);

}  // namespace vivace::cli
