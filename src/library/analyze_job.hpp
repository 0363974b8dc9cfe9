#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "library/checkpoint.hpp"
#include "library/database.hpp"
#include "library/results.hpp"
#include "library/timeseries.hpp"
#include "library/track_analyst.hpp"

namespace vivace::library {

struct JobOptions {
  std::vector<std::filesystem::path> roots;  ///< the job ends where one of them vanishes
  std::size_t workers = 1;
  TrackLimits limits{};
  /// Writes `<track>.json` beside each track, see sidecar.hpp.
  bool sidecars = false;
  /// Writes the curves of each track, see timeseries.hpp.
  std::optional<CurveFiles> curve_files{};
};

/// One track that this process is through with.
struct JobEvent {
  const TrackOutcome& outcome;
  const Error* error = nullptr;  ///< what went wrong first, for all of the track or one of its sets
  bool vanished = false;         ///< the file is gone or has changed since the scan; nothing was stored
};

/// What this process came to.
struct JobSummary {
  std::size_t open = 0;       ///< tracks that were to be done at the start, by whomever
  std::size_t done = 0;       ///< by this process, without those that failed
  std::size_t failed = 0;     ///< by this process, wholly or in part
  std::size_t elsewhere = 0;  ///< done by other processes meanwhile
  std::size_t vanished = 0;
  std::size_t truncated = 0;
  std::size_t workers = 0;
  double audio_s = 0;
  double wall_s = 0;
  double busy_s = 0;                      ///< summed over the workers
  std::map<std::string, double> stage_s;  ///< summed over the workers
  std::optional<double> left_s;           ///< how long it still takes, as far as can be told
  bool interrupted = false;
};

/// Called after each track, and once before the first with nothing; on the thread that runs the job.
using JobObserver = std::function<void(const JobEvent* event, const JobSummary& so_far)>;

/// Does what is open in the selection of `results` (see update_catalogue), together with all other processes that do:
/// ends when nothing is open any more. Results are written in batches, at latest after two seconds. After `stop` no
/// track is begun, and those under way are finished. A track that meets the limit of memory is tried again alone at the
/// end. Throws Error where the database, a root, a sidecar, a file of curves or what the analyst writes to fails; what
/// was written stays, and the next job goes on.
JobSummary run_job(Database& database, Results& results, const TrackAnalyst& analyst, const JobOptions& options,
                   const JobObserver& observe, const std::stop_token& stop);

}  // namespace vivace::library
