#pragma once

#include <string>

#include "bench/result.hpp"

namespace vivace::cli {

/// A result for people: a line a run, and below them what was found, problems and notes. "-" stands where there is no
/// figure, or too few samples for it.
std::string bench_table(const bench::Result& result);

}  // namespace vivace::cli
