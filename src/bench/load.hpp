#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "bench/arrivals.hpp"
#include "bench/clock.hpp"
#include "bench/result.hpp"
#include "bench/target.hpp"

namespace vivace::bench {

/// The most requests of one stretch: their samples are kept one by one, in 80 MB.
inline constexpr std::size_t kMostRequests = 2'000'000;

/// What a stretch of load came to. A value; stretches are appended to one another.
struct Measurement {
  double begin_unix_s = 0;      ///< when it began, by the clock of the system
  double duration_s = 0;        ///< from its begin to the last answer, or to its planned end where that is later
  std::vector<Sample> samples;  ///< in the order of their intended times
  std::map<std::string, double> stage_s;
  double audio_s = 0;
  double cpu_s = 0;           ///< processor time of this process
  std::size_t unsent = 0;     ///< requests given up since the target was too far behind
  std::string first_failure;  ///< why the first request that failed did
  bool ended_full = false;    ///< whether it ended early, with as many requests as are kept
  /// The highest resident memory of this process during the stretch, without its samples.
  std::size_t peak_resident_bytes = 0;
};

/// Adds a stretch behind the end of another.
void append(Measurement& whole, Measurement part);

/// Callers that each send their next request when they have the answer to the last.
struct ClosedLoad {
  std::size_t callers = 1;
  double duration_s = 10;          ///< no request is begun afterwards …
  std::size_t least_requests = 1;  ///< … once there are so many
  /// No request is begun afterwards, however many there were.
  double limit_s = std::numeric_limits<double>::infinity();
  std::size_t most_requests = kMostRequests;
  std::size_t samples = 1;  ///< in one request
};

/// Requests that are sent at their times, whatever came of those before.
struct OpenLoad {
  std::vector<Arrival> arrivals;
  double duration_s = 10;
  bool is_cut = false;  ///< the arrivals end early, with as many as are kept
  /// How long after `duration_s` requests are still sent.
  double patience_s = 10;
  /// Threads that send; each waits for its answer. More are started while few are free, up to the most.
  std::size_t first_senders = 8;
  std::size_t most_senders = 256;
};

/// Run a load; `stop` ends it early. A request that fails is a failed sample. Throw Error(resource_exhausted) where no
/// thread can be started.
Measurement run_closed(Target& target, const ClosedLoad& load, Clock& clock, const std::stop_token& stop);
Measurement run_open(Target& target, const OpenLoad& load, Clock& clock, const std::stop_token& stop);

}  // namespace vivace::bench
