#pragma once

#include "bench/measure.hpp"
#include "bench/result.hpp"
#include "bench/subject.hpp"

namespace vivace::bench {

/// Looks for the most that a target holds: streams of "deadline" in time ("most_streams"), or the rate of the other
/// open loads within their bound ("peak_rate_hz"). Gives the run of the last trial that held, or where none did of the
/// last that did not. Where the generator, not the target, was what ended the search, and where it was stopped, the run
/// has a problem that says so. Throws Error(cancelled) where it was stopped before any trial.
Run search_load(const Subject& subject, const LoadPlan& plan, const MeasureContext& context);

}  // namespace vivace::bench
