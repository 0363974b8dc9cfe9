#pragma once

#include <string>
#include <vector>

#include "bench/cost.hpp"
#include "bench/price.hpp"
#include "bench/result.hpp"

namespace vivace::bench {

/// A result, where it is from, and what its machine costs.
struct PricedResult {
  std::string name;
  Result result;
  Price price;
};

/// What each run costs; of two results also at which loads the second pays, from the fastest run of each whose rate is
/// the highest and not one that was offered, or why that cannot be said. For people, and as one JSON object. Throw
/// Error(invalid_argument) for prices in different currencies, for results of which one counts inferences and one
/// tracks, and for options out of range.
std::string costs_to_text(const std::vector<PricedResult>& results, const CostOptions& options);
std::string costs_to_json(const std::vector<PricedResult>& results, const CostOptions& options);

}  // namespace vivace::bench
