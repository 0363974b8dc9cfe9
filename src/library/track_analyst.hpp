#pragma once

#include <functional>
#include <vector>

#include "library/results.hpp"
#include "tasks/analyze/analyzer.hpp"
#include "vivace/error.hpp"

namespace vivace::library {

/// What an analyst found in a track, and where the time went.
struct TrackFindings {
  TrackProperties properties;
  std::vector<SetOutcome> sets;        ///< one for each that was wanted
  std::vector<analyze::Curve> curves;  ///< of all sets, if curves are kept
  std::vector<analyze::StageTime> times;
};

/// What an analyst writes to is full: that is not the track's fault and will be the next one's too.
class OutputFull : public Error {
 public:
  explicit OutputFull(const Error& error) : Error(error) {}
};

/// Computes feature sets of a track; `sets` are indexes of the job's. Called from many threads. `checkpoint` is to be
/// called some times a second, and what it throws let through. Throws Error where nothing can be had of the track, and
/// OutputFull, which ends the job and leaves the track open.
using TrackAnalyst = std::function<TrackFindings(
    const std::filesystem::path& path, const std::vector<std::size_t>& sets, const std::function<void()>& checkpoint)>;

/// The analyst for the features of `options`, whose sets have the indexes of its features.
TrackAnalyst feature_analyst(analyze::AnalyzerOptions options);

}  // namespace vivace::library
