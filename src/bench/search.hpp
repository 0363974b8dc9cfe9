#pragma once

#include <cstddef>
#include <functional>

namespace vivace::bench {

/// The largest count that passes, 0 where 1 does not: found by doubling and bisecting, for a test that no count passes
/// above one that fails. Counts above `most` are not tried.
std::size_t most_passing(const std::function<bool(std::size_t)>& passes, std::size_t most);

/// The largest value that passes, within the factor 1 + `tolerance`, for a test that no value passes above one that
/// fails: from `start` by doubling (or halving, where that fails) and bisecting. 0 where nothing down to start / 2^10
/// passes; values above start * 2^20 are not tried.
double largest_passing(double start, double tolerance, const std::function<bool(double)>& passes);

}  // namespace vivace::bench
