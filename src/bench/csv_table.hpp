#pragma once

#include <string>

#include "bench/result.hpp"

namespace vivace::bench {

/// One line a run under a line of column names; docs/bench.md describes the columns. Times are in seconds; a cell is
/// empty where there is no figure.
std::string to_csv(const Result& result);

}  // namespace vivace::bench
