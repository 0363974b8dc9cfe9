#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/compare.hpp"
#include "bench/cost.hpp"

namespace vivace::bench {

struct ReportOptions {
  std::optional<Price> price;  ///< shows costs
  CostOptions cost;
};

/// One page of HTML with charts and tables of all runs. It stands for itself: no scripts, nothing that is loaded.
/// Throws Error(invalid_argument) where there is no run.
std::string to_html(const std::vector<NamedResult>& results, const ReportOptions& options);

}  // namespace vivace::bench
