#include "cli/price_arguments.hpp"

namespace vivace::cli {

void add_cost_options(CLI::App& command, bench::CostOptions& cost) {
  command.add_option("--hours-per-month", cost.hours_per_month, "hours that a month is counted as")
      ->capture_default_str();
  command
      .add_option("--utilisation", cost.utilisation, "share of the time in which the machine does this work, 0 to 1")
      ->capture_default_str();
}

}  // namespace vivace::cli
