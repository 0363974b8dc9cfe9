#include "runtime/isolation/worker_group.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/current_error.hpp"
#include "base/log.hpp"
#include "runtime/isolation/isolation_options.hpp"

namespace vivace::runtime {

WorkerGroup::Lease::Lease(Lease&& other) noexcept
    : group_(std::exchange(other.group_, nullptr)),
      slot_(other.slot_),
      worker_(std::move(other.worker_)),
      told_(other.told_),
      answered_(other.answered_) {}

WorkerGroup::Lease::~Lease() {
  if (group_ == nullptr) return;
  if (told_ && !answered_) {
    replace();
  } else {
    group_->give_back(*slot_, *worker_, answered_);
  }
}

std::string WorkerGroup::Lease::end() {
  const WorkerGroup& group = *group_;
  const std::unique_lock lock = ended();
  return fmt::format("{}{}", slot_->how_it_ended,
                     group.ending_ ? " as the engine ended" : "; try again, another one is started");
}

void WorkerGroup::Lease::replace() {
  {
    const std::scoped_lock lock(group_->mutex_);
    if (slot_->worker == worker_) slot_->replaced = true;
  }
  ended();
}

/// Ends the worker and the lease. The lock is on what is known of the end.
std::unique_lock<std::mutex> WorkerGroup::Lease::ended() {
  WorkerGroup& group = *std::exchange(group_, nullptr);
  worker_->process.kill();
  std::unique_lock lock(group.mutex_);
  group.changed_.wait(lock, [this] { return slot_->worker != worker_; });
  return lock;
}

WorkerGroup::WorkerGroup(Load load, const IsolationOptions& options)
    : load_(std::move(load)), options_(options), program_(worker_program()), guard_(options) {
  for (std::size_t i = 0; i < options_.processes; ++i) {
    slots_.push_back(std::make_unique<Slot>());
    slots_.back()->number = i;
  }
  try {
    for (const auto& slot : slots_) slot->keeper = std::jthread([this, &kept = *slot] { keep(kept); });
    wait_until_started();
  } catch (const std::system_error& error) {
    end_all();
    throw Error(ErrorCode::resource_exhausted, "isolation",
                fmt::format("too few threads can be started: {}", error.what()));
  } catch (...) {
    end_all();
    throw;
  }
}

WorkerGroup::~WorkerGroup() { end_all(); }

WorkerGroup::Lease WorkerGroup::take(const Patience& patience) {
  std::unique_lock lock(mutex_);
  Slot& slot = wait_for_slot(lock, patience);
  slot.state = State::busy;
  slot.worker->shrinks_now = std::exchange(slot.worker->shrinks, shrinks_) != shrinks_;
  return {*this, slot};
}

void WorkerGroup::shrink() {
  const std::scoped_lock lock(mutex_);
  ++shrinks_;
}

void WorkerGroup::close() {
  std::unique_lock lock(mutex_);
  end_starts();
  const auto is_lent = [](const auto& slot) { return slot->state == State::busy; };
  changed_.wait_for(lock, options_.stop_grace, [&] { return std::ranges::none_of(slots_, is_lent); });
  for (const auto& slot : slots_) {
    if (is_lent(slot)) slot->worker->process.kill();
  }
}

std::uint64_t WorkerGroup::restarts() const {
  const std::scoped_lock lock(mutex_);
  std::uint64_t count = 0;
  for (const auto& slot : slots_) count += slot->starts > 1 ? slot->starts - 1 : 0;
  return count;
}

BackendMemory WorkerGroup::memory() const {
  const std::scoped_lock lock(mutex_);
  BackendMemory all{.allocations = past_allocations_};
  for (const auto& slot : slots_) {
    all.allocations += slot->memory.allocations;
    all.bytes_in_use += slot->memory.bytes_in_use;
    all.most_bytes_in_use += slot->memory.most_bytes_in_use;
  }
  return all;
}

std::vector<pid_t> WorkerGroup::process_ids() const {
  const std::scoped_lock lock(mutex_);
  std::vector<pid_t> ids;
  for (const auto& slot : slots_) {
    if (slot->state != State::down) ids.push_back(slot->worker->process.id());
  }
  return ids;
}

void WorkerGroup::keep(Slot& slot) {
  do {
    try {
      serve_once(slot);
    } catch (...) {
      count_failed_start(slot, base::current_error());
    }
  } while (wait_for_turn(slot));
}

/// From the start of a process to its end.
void WorkerGroup::serve_once(Slot& slot) {
  const auto worker = std::make_shared<Worker>(program_);
  {
    const std::scoped_lock lock(mutex_);
    if (ending_) return;
    slot.worker = worker;
  }
  Loaded model = load(slot, *worker);
  {
    const std::scoped_lock lock(mutex_);
    if (slot.starts == 0 && slot.number == 0) model_ = std::move(model);
    ++slot.starts;
    slot.state = State::idle;
    changed_.notify_all();
    free_.notify_one();
  }
  worker->process.wait_for_end(std::nullopt);
  count_end(slot, worker->process.how_it_ended());
}

void WorkerGroup::count_failed_start(Slot& slot, const Error& error) {
  std::shared_ptr<Worker> failed;
  {
    const std::scoped_lock lock(mutex_);
    failed = slot.worker;
    if (slot.starts == 0) slot.refusal = error;
  }
  if (failed) failed->process.kill();
  count_end(slot, fmt::format("could not be started: {}", error.what()));
}

Loaded WorkerGroup::load(const Slot& slot, Worker& worker) const {
  const Clock::time_point deadline = Clock::now() + options_.start_timeout;
  Load wanted = load_;
  wanted.cores = cores_of(options_, slot.number);
  const std::string& graph = load_.session.graph.native();
  const auto ended = [&] {
    worker.process.kill();
    worker.process.wait_for_end(std::nullopt);
    return Error(ErrorCode::unavailable, graph,
                 fmt::format("the worker process that loads it {}", worker.process.how_it_ended()));
  };
  if (!worker.process.control().send(encode(ToWorker(std::move(wanted))))) throw ended();
  if (!worker.process.wait_for_message(deadline)) {
    throw Error(ErrorCode::unavailable, graph,
                fmt::format("a worker process has not loaded it within {} ms", options_.start_timeout.count()));
  }
  const auto packet = worker.process.control().receive_ready();
  if (!packet) throw ended();
  FromWorker answer = decode_from_worker(packet->bytes);
  if (const Failed* failed = std::get_if<Failed>(&answer)) {
    if (failed->context.empty()) throw Error(failed->code, failed->message);
    throw Error(failed->code, failed->context, failed->message);
  }
  if (Loaded* loaded = std::get_if<Loaded>(&answer)) return std::move(*loaded);
  throw Error(ErrorCode::corrupt_data, "worker process", "does not say whether the model is loaded");
}

/// Waits until the next process may be started; false where none is wanted any more.
bool WorkerGroup::wait_for_turn(const Slot& slot) {
  std::unique_lock lock(mutex_);
  Clock::time_point turn = Clock::now();
  if (slot.crashes > 0) turn += restart_delay(options_, slot.crashes);
  while (!ending_ && !slot.refusal) {
    const Clock::time_point now = Clock::now();
    // Crashes of others may have refused starts since the last look.
    if (const auto refused_until = guard_.refused_until(now)) turn = std::max(turn, *refused_until);
    if (turn <= now) return true;
    changed_.wait_until(lock, turn);
  }
  return false;
}

void WorkerGroup::count_end(Slot& slot, const std::string& how) {
  std::shared_ptr<Worker> ended;
  bool crashed = false;
  {
    const std::scoped_lock lock(mutex_);
    ended = std::move(slot.worker);
    slot.state = State::down;
    slot.how_it_ended = how;
    past_allocations_ += std::exchange(slot.memory, {}).allocations;
    crashed = !ending_ && !slot.refusal && !std::exchange(slot.replaced, false);
    if (crashed) {
      ++slot.crashes;
      guard_.count_crash(Clock::now(), how);
    }
    free_.notify_all();
    changed_.notify_all();
  }
  if (crashed)
    base::log(base::LogLevel::warning, fmt::format("{}: its worker process {}", load_.session.graph.native(), how));
}

void WorkerGroup::wait_until_started() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] {
    return std::all_of(slots_.begin(), slots_.end(),
                       [](const auto& slot) { return slot->starts > 0 || slot->refusal.has_value(); });
  });
  for (const auto& slot : slots_) {
    if (slot->refusal) throw Error(*slot->refusal);
  }
}

/// With the mutex held: nothing waits for workers any more, and those that load are killed.
void WorkerGroup::end_starts() {
  ending_ = true;
  changed_.notify_all();
  free_.notify_all();
  for (const auto& slot : slots_) {
    if (slot->worker && slot->state == State::down) slot->worker->process.kill();
  }
}

/// Workers that wait for a run end by themselves; others are killed.
void WorkerGroup::end_all() {
  std::unique_lock lock(mutex_);
  end_starts();
  for (const auto& slot : slots_) {
    if (slot->worker && slot->state == State::idle) slot->worker->process.finish();
  }
  const auto all_down = [this] {
    return std::all_of(slots_.begin(), slots_.end(), [](const auto& slot) { return slot->state == State::down; });
  };
  changed_.wait_for(lock, options_.stop_grace, all_down);
  for (const auto& slot : slots_) {
    if (slot->worker) slot->worker->process.kill();
  }
  lock.unlock();
  for (const auto& slot : slots_) {
    if (slot->keeper.joinable()) slot->keeper.join();
  }
}

/// With the mutex held; null where there is none.
WorkerGroup::Slot* WorkerGroup::idle_slot() {
  const auto found =
      std::find_if(slots_.begin(), slots_.end(), [](const auto& slot) { return slot->state == State::idle; });
  return found == slots_.end() ? nullptr : found->get();
}

/// A worker that is idle.
WorkerGroup::Slot& WorkerGroup::wait_for_slot(std::unique_lock<std::mutex>& lock, const Patience& patience) {
  const auto settled = [this] {
    return ending_ || idle_slot() != nullptr || guard_.refused_until(Clock::now()).has_value();
  };
  const bool in_time = patience.deadline ? free_.wait_until(lock, patience.stop, *patience.deadline, settled)
                                         : free_.wait(lock, patience.stop, settled);
  const Clock::time_point now = Clock::now();
  if (ending_) throw Error(ErrorCode::cancelled, "the engine ended while it waited for a worker process");
  if (guard_.refused_until(now)) throw Error(ErrorCode::unavailable, load_.session.graph.string(), guard_.reason(now));
  if (in_time && idle_slot() != nullptr) return *idle_slot();
  if (in_time) return wait_for_slot(lock, patience);
  throw Error(ErrorCode::cancelled, patience.stop.stop_requested()
                                        ? "stopped while it waited for a worker process"
                                        : "its deadline passed while it waited for a worker process");
}

void WorkerGroup::give_back(Slot& slot, const Worker& worker, bool answered) {
  const std::scoped_lock lock(mutex_);
  if (answered) {
    slot.crashes = 0;
    guard_.count_answer();
  }
  if (slot.worker.get() == &worker) {
    slot.state = State::idle;
    slot.memory = worker.memory;
  }
  free_.notify_one();
  if (ending_) changed_.notify_all();
}

}  // namespace vivace::runtime
