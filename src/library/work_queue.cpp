#include "library/work_queue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/files.hpp"
#include "base/log.hpp"
#include "library/query.hpp"

namespace vivace::library {
namespace {

constexpr WorkQueue::Clock::duration kBatchAge = std::chrono::seconds(2);
constexpr std::size_t kMostPending = 64;
constexpr std::size_t kMostClaimed = 256;
constexpr std::chrono::milliseconds kPoll{200};
constexpr std::chrono::milliseconds kPulse{500};
constexpr std::chrono::seconds kTellAfter{10};
constexpr std::size_t kSampleStride = 25;

/// Another number than before where another connection has written meanwhile.
std::int64_t database_version(Database& database) { return integer_of(database, "PRAGMA data_version"); }

/// Puts each 25th track first, so that the time left is known early; the others stay in their order.
std::vector<OpenTrack> with_sample_first(std::vector<OpenTrack> tracks) {
  std::vector<OpenTrack> ordered;
  ordered.reserve(tracks.size());
  for (std::size_t i = 0; i < tracks.size(); i += kSampleStride) ordered.push_back(std::move(tracks[i]));
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    if (i % kSampleStride != 0) ordered.push_back(std::move(tracks[i]));
  }
  return ordered;
}

}  // namespace

WorkQueue::WorkQueue(Database& database, Results& results, std::size_t batch, Listener listener)
    : database_(database), results_(results), least_batch_(batch), listener_(std::move(listener)), worker_(database) {
  database_.transaction([&] {
    worker_.enter();
    worker_.bury_dead();
  });
  open_ = with_sample_first(database_.run([&] { return results_.open_tracks(); }));
  pulse_ = std::jthread([this](const std::stop_token& end) { beat_until(end); });
}

/// Who ends without `finish` has no ear for errors; the next process takes the leases over.
template <typename Action>
void WorkQueue::attempt(const Action& action) {
  try {
    const std::scoped_lock lock(mutex_);
    action();
  } catch (const Error&) {
  }
}

WorkQueue::~WorkQueue() {
  pulse_ = {};
  attempt([&] { write_and_claim(0); });
  attempt([&] { database_.transaction([&] { worker_.leave(); }); });
}

std::optional<Work> WorkQueue::take(const std::stop_token& stop) {
  const Clock::time_point since = Clock::now();
  while (!stop.stop_requested()) {
    {
      const std::scoped_lock lock(mutex_);
      require_sound();
      if (claimed_.empty() && (next_ < open_.size() || others_moved())) write_and_claim(batch());
      if (!claimed_.empty()) return next_claimed();
      if (next_ == open_.size() && elsewhere_.empty()) return std::nullopt;
      tell_of_waiting(elsewhere_.size(), since);
    }
    std::this_thread::sleep_for(kPoll);
  }
  return std::nullopt;
}

std::optional<Work> WorkQueue::take_suspect(const std::stop_token& stop) {
  const Clock::time_point since = Clock::now();
  bool looked = false;
  while (!stop.stop_requested()) {
    {
      const std::scoped_lock lock(mutex_);
      require_sound();
      if (!std::exchange(looked, true) || others_moved()) claim_suspect();
      if (!claimed_.empty()) return next_claimed();
      if (suspects_.empty()) return std::nullopt;
      tell_of_waiting(suspects_.size(), since);
    }
    std::this_thread::sleep_for(kPoll);
  }
  return std::nullopt;
}

std::optional<Work> WorkQueue::next_claimed() {
  Work work = std::move(claimed_.front());
  claimed_.pop_front();
  if (!claimed_.empty()) base::read_ahead(claimed_.front().file.path);
  return work;
}

/// Whether it pays to look again at what others had. Only reads.
bool WorkQueue::others_moved() {
  if (!pending_.empty() || seen_version_ == 0) return true;
  return database_.run([&] { return database_version(database_) != seen_version_ || worker_.sees_dead(); });
}

void WorkQueue::tell_of_waiting(std::size_t tracks, Clock::time_point since) {
  if (told_of_waiting_ || Clock::now() - since < kTellAfter) return;
  told_of_waiting_ = true;
  base::log(base::LogLevel::warning, fmt::format("waiting for the last {} tracks, which others work on: {}", tracks,
                                                 database_.run([&] { return worker_.holders(); })));
}

void WorkQueue::put(TrackOutcome outcome) {
  const std::scoped_lock lock(mutex_);
  require_sound();
  pending_.push_back(std::move(outcome));
  ++put_;
  if (pending_.size() >= kMostPending) write_and_claim(0);
}

void WorkQueue::give_back(const TrackFile& file) {
  const std::scoped_lock lock(mutex_);
  database_.transaction([&] { worker_.release(file.id); });
  seen_version_ = 0;
}

void WorkQueue::finish() {
  const std::scoped_lock lock(mutex_);
  require_sound();
  write_and_claim(0);
}

bool WorkQueue::is_through() const {
  const std::scoped_lock lock(mutex_);
  return next_ == open_.size() && elsewhere_.empty() && claimed_.empty() && suspects_.empty();
}

void WorkQueue::beat_until(const std::stop_token& end) {
  std::mutex mutex;
  std::condition_variable_any ended;
  std::unique_lock lock(mutex);
  while (!ended.wait_for(lock, end, kPulse, [&] { return end.stop_requested(); })) maintain();
}

void WorkQueue::maintain() {
  const std::scoped_lock lock(mutex_);
  if (failure_) return;
  try {
    if (!pending_.empty() && Clock::now() - last_write_ >= kBatchAge) write_and_claim(0);
    if (Clock::now() - last_beat_ < Worker::kBeat) return;
    database_.transaction([&] { worker_.beat(); });
    last_beat_ = Clock::now();
  } catch (...) {
    failure_ = std::current_exception();
  }
}

void WorkQueue::require_sound() const {
  if (failure_) std::rethrow_exception(failure_);
}

void WorkQueue::write_and_claim(std::size_t wanted) {
  if (pending_.empty() && wanted == 0) return;
  std::vector<std::size_t> not_stored;
  database_.transaction([&] {
    not_stored = write_pending();
    if (wanted > 0) claim(wanted);
  });
  forget_pending(not_stored);
}

/// Returns the indexes of those of which nothing was stored.
std::vector<std::size_t> WorkQueue::write_pending() {
  std::vector<std::size_t> not_stored;
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (!results_.store(pending_[i])) not_stored.push_back(i);
    worker_.settle(pending_[i].file.id);
  }
  return not_stored;
}

void WorkQueue::forget_pending(const std::vector<std::size_t>& not_stored) {
  for (const std::size_t index : not_stored) listener_.not_stored(pending_[index]);
  pending_.clear();
  last_write_ = Clock::now();
}

void WorkQueue::claim(std::size_t wanted) {
  worker_.be_known();
  worker_.bury_dead();
  seen_version_ = database_version(database_);
  for (std::size_t left = elsewhere_.size(); left > 0 && claimed_.size() < wanted; --left) {
    const std::int64_t track = elsewhere_.front();
    elsewhere_.pop_front();
    if (!try_claim(track)) elsewhere_.push_back(track);
  }
  for (; next_ < open_.size() && claimed_.size() < wanted; ++next_) {
    if (!try_claim(open_[next_].id)) elsewhere_.push_back(open_[next_].id);
  }
}

void WorkQueue::claim_suspect() {
  std::vector<std::size_t> not_stored;
  database_.transaction([&] {
    not_stored = write_pending();
    worker_.be_known();
    worker_.bury_dead();
    seen_version_ = database_version(database_);
    for (std::size_t left = suspects_.size(); left > 0 && claimed_.empty(); --left) {
      const std::int64_t track = suspects_.front();
      suspects_.pop_front();
      if (!take_on(track, worker_.deaths(track))) suspects_.push_back(track);
    }
  });
  forget_pending(not_stored);
}

/// True where nothing is left to wait for: the track is claimed, a suspect, done or gone.
bool WorkQueue::try_claim(std::int64_t track) {
  const int deaths = worker_.deaths(track);
  if (deaths != kMostDeaths - 1) return take_on(track, deaths);
  suspects_.push_back(track);
  return true;
}

/// True where the track is claimed, done or gone.
bool WorkQueue::take_on(std::int64_t track, int deaths) {
  std::vector<std::size_t> sets = results_.open_sets(track);
  std::optional<TrackFile> file = results_.file_of(track);
  if (sets.empty() || !file) {
    if (file) listener_.done_elsewhere(*file);
    return true;
  }
  if (!worker_.lease(track)) return false;
  claimed_.push_back({*std::move(file), std::move(sets), deaths});
  return true;
}

/// About as many tracks as this process does between two writes.
std::size_t WorkQueue::batch() const {
  const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
  const double rate = elapsed > 0 ? static_cast<double>(put_) / elapsed : 0;
  const auto tracks = static_cast<std::size_t>(rate * std::chrono::duration<double>(kBatchAge).count());
  return std::clamp(tracks, least_batch_, std::max(least_batch_, kMostClaimed));
}

}  // namespace vivace::library
