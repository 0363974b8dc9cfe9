#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "library/database.hpp"

namespace vivace::library {

/// A process as others can recognise it: `system` is the boot and the process name space in which `pid` means
/// something, `started` tells it from a later process of the same number.
struct ProcessIdentity {
  std::string host;
  std::string system;
  std::int64_t pid = 0;
  std::int64_t started = 0;
};

ProcessIdentity this_process();

/// Whether a process of this system still runs.
bool still_runs(const ProcessIdentity& process);

/// This process among those that work on a library: a row of `workers`, and the leases of the tracks that it has taken
/// on. The calls throw SQLite::Exception and belong into a transaction. Not thread-safe.
class Worker {
 public:
  using Clock = std::chrono::steady_clock;

  /// How long a process may show no heartbeat before its leases are taken over, also one that hangs.
  static constexpr Clock::duration kSilence = std::chrono::seconds(60);
  static constexpr Clock::duration kBeat = std::chrono::seconds(5);

  /// `database` outlives it.
  explicit Worker(Database& database) : database_(database) {}

  /// Makes itself known.
  void enter();
  /// Gives all leases back, and is no longer known.
  void leave();
  /// Shows that it lives; to be called every kBeat. Makes itself known again where others took it for dead.
  void beat();
  /// Only the latter.
  void be_known();

  /// Takes a track on; false where another process has it.
  bool lease(std::int64_t track);
  void release(std::int64_t track);
  /// Releases a track of which a result is stored, and forgets how many died of it.
  void settle(std::int64_t track);

  /// Removes the processes that have ended, with their leases, and counts them for the tracks that they had taken on.
  /// Those of this system are looked up; of all the heartbeat counts, by how long this process has seen it unchanged,
  /// whatever any clock says.
  void bury_dead(Clock::time_point now = Clock::now());
  /// Whether there is one to be buried. Only reads.
  bool sees_dead(Clock::time_point now = Clock::now()) { return !dead(now).empty(); }

  /// How many processes have died while they had taken the track on.
  int deaths(std::int64_t track);

  /// Who holds leases beside this process: "process 123 on host, process 7 on other". Only reads.
  std::string holders();

 private:
  struct Heartbeat {
    std::int64_t count = 0;
    Clock::time_point seen;
  };

  std::vector<std::int64_t> dead(Clock::time_point now);
  bool lives(std::int64_t worker, const ProcessIdentity& process, std::int64_t heartbeat, Clock::time_point now);

  Database& database_;
  ProcessIdentity process_ = this_process();
  std::int64_t id_ = 0;
  std::map<std::int64_t, Heartbeat> heartbeats_;
};

}  // namespace vivace::library
