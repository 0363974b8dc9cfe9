#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "library/database.hpp"
#include "library/results.hpp"
#include "library/track_analyst.hpp"

namespace vivace::library {

struct JobOptions {
  std::vector<std::filesystem::path> roots;  ///< the job ends where one of them vanishes
  std::size_t workers = 1;
  double time_limit_s = 0;       ///< a track; 0: none
  std::size_t memory_limit = 0;  ///< bytes of the process; 0: none
  double max_cpu = 1;            ///< share of the time that a worker works, 0 … 1
};

/// One track that this process is through with.
struct JobEvent {
  const TrackOutcome& outcome;
  const Error* error = nullptr;  ///< why nothing was had of the track
  std::size_t failed_sets = 0;   ///< those that threw though the track was read
  bool vanished = false;         ///< the file is gone or has changed since the scan; nothing was stored
  double busy_s = 0;             ///< of one worker
};

/// What this process came to.
struct JobSummary {
  std::size_t open = 0;       ///< tracks that were to be done at the start, by whomever
  std::size_t done = 0;       ///< by this process, without those that failed
  std::size_t failed = 0;     ///< by this process, wholly or in part
  std::size_t elsewhere = 0;  ///< done by other processes meanwhile
  std::size_t vanished = 0;
  double audio_s = 0;
  double wall_s = 0;
  double busy_s = 0;                      ///< summed over the workers
  std::map<std::string, double> stage_s;  ///< summed over the workers
  bool interrupted = false;
};

/// Called after each track, and once before the first with nothing; on the thread that runs the job.
using JobObserver = std::function<void(const JobEvent* event, const JobSummary& so_far)>;

/// Does what is open in the selection of `results` (see update_catalogue), together with all other processes that do:
/// ends when nothing is open any more. Results are written in batches, at latest after two seconds. After `stop` no
/// track is begun, and those under way are finished. Throws Error where the database or a root fails; what was written
/// stays, and the next job goes on.
JobSummary run_job(Database& database, Results& results, const TrackAnalyst& analyst, const JobOptions& options,
                   const JobObserver& observe, const std::stop_token& stop);

}  // namespace vivace::library
