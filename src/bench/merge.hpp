#pragma once

#include <vector>

#include "bench/compare.hpp"
#include "bench/result.hpp"

namespace vivace::bench {

/// Puts results of load generators that ran at the same time together: runs that agree in name, target, settings, model
/// and kind of load become one, with the requests of the time in which all of them were measured. Callers, streams,
/// rates, processor time and memory add up; the setting "generators" says how many there were. Problems and notes are
/// those of the parts, and what the whole shows. Needs two results or more.
/// Throws Error(invalid_argument): runs without a partner, that differ in these, that were not at the same time for
/// half of their duration, with the same seed of random arrivals, of searches, of one query at a time, made in turn
/// with others, merged already, or one measurement twice: the same requests, or begun at one instant of one host.
/// Throws Error(resource_exhausted) for more than kMostKeptSamples.
Result merge_results(const std::vector<NamedResult>& results);

}  // namespace vivace::bench
