#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "library/database.hpp"
#include "library/results.hpp"
#include "library/worker.hpp"

namespace vivace::library {

/// A track that this process has taken on.
struct Work {
  TrackFile file;
  std::vector<std::size_t> sets;  ///< that are missing
  int deaths = 0;                 ///< of processes that had taken it on
};

/// The work that is open in a library, shared with other processes: takes tracks on and writes what became of them, all
/// in transactions of about two seconds' work, and lets others see that this process lives. Safe from many threads.
/// Errors of the database that happen in the background are thrown by the next call.
class WorkQueue {
 public:
  using Clock = std::chrono::steady_clock;

  /// What a queue tells of; called on any thread, but never by two at once.
  struct Listener {
    std::function<void(const TrackFile& file)> done_elsewhere;    ///< others have done it meanwhile
    std::function<void(const TrackOutcome& outcome)> not_stored;  ///< another process has found another file there
  };

  /// `batch` tracks are taken on at a time at first. What is given here outlives the queue.
  WorkQueue(Database& database, Results& results, std::size_t batch, Listener listener);
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;
  /// Writes what is left and gives leases back, as far as that goes.
  ~WorkQueue();

  /// Tracks that were open at the start.
  const std::vector<OpenTrack>& open() const { return open_; }

  /// A track that so many processes died of is not to be tried any more. So many that processes which others kill do
  /// not come to it.
  static constexpr int kMostDeaths = 10;

  /// The next track; waits where all that are left are with other processes, as they may die. Nothing when all are
  /// done but the suspects, or after `stop`.
  std::optional<Work> take(const std::stop_token& stop);
  /// The next suspect: a track that one process less than kMostDeaths died of, or which it had taken on beside one of
  /// those. To be called behind `take`, and each to be done before the next one is taken, so that it is known which
  /// track the next process dies of.
  std::optional<Work> take_suspect(const std::stop_token& stop);
  /// What became of a track.
  void put(TrackOutcome outcome);
  /// A track that others may take.
  void give_back(const TrackFile& file);
  /// Writes what is left.
  void finish();
  /// Whether nothing is left to be taken.
  bool is_through() const;

 private:
  template <typename Action>
  void attempt(const Action& action);
  void beat_until(const std::stop_token& end);
  void maintain();
  void require_sound() const;
  void write_and_claim(std::size_t wanted);
  std::vector<std::size_t> write_pending();
  void forget_pending(const std::vector<std::size_t>& not_stored);
  void claim(std::size_t wanted);
  void claim_suspect();
  bool try_claim(std::int64_t track);
  bool take_on(std::int64_t track, int deaths);
  bool others_moved();
  void tell_of_waiting(std::size_t tracks, Clock::time_point since);
  std::optional<Work> next_claimed();
  std::size_t batch() const;

  Database& database_;
  Results& results_;
  std::size_t least_batch_;
  Listener listener_;
  Worker worker_;

  mutable std::mutex mutex_;
  std::vector<OpenTrack> open_;
  std::size_t next_ = 0;                // in `open_`
  std::deque<std::int64_t> elsewhere_;  // leased by others when they were looked at
  std::deque<std::int64_t> suspects_;
  std::int64_t seen_version_ = 0;  // of the database, when tracks were claimed last; 0: it does not matter
  bool told_of_waiting_ = false;
  std::deque<Work> claimed_;
  std::vector<TrackOutcome> pending_;
  Clock::time_point last_write_ = Clock::now();
  Clock::time_point last_beat_ = Clock::now();
  Clock::time_point start_ = Clock::now();
  std::size_t put_ = 0;
  std::exception_ptr failure_;
  std::jthread pulse_;
};

}  // namespace vivace::library
