#include "cli/bench_command.hpp"

namespace vivace::cli {

void add_bench_command(CLI::App& app, Action& action) {
  CLI::App* bench = app.add_subcommand("bench", "measure, compare and report");
  bench->require_subcommand(1);
  add_bench_run(*bench, action);
  add_bench_merge(*bench, action);
  add_bench_compare(*bench, action);
  add_bench_report(*bench, action);
  add_bench_cost(*bench, action);
}

}  // namespace vivace::cli
