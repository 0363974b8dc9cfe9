#include "library/worker.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

#include "library/query.hpp"

namespace vivace::library {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string system_name() {
  std::error_code error;
  return first_line("/proc/sys/kernel/random/boot_id") + " " +
         std::filesystem::read_symlink("/proc/self/ns/pid", error).string();
}

/// When a process was started, in ticks since the boot (proc(5), stat, field 22); 0 where there is none, or where it is
/// dead and only waits for its parent.
std::int64_t start_of(const std::string& process) {
  std::string line = first_line("/proc/" + process + "/stat");
  const std::size_t name_end = line.rfind(')');  // the name may hold anything
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(line.substr(name_end + 1));
  std::string field;
  fields >> field;
  if (field == "Z" || field == "X") return 0;
  constexpr int kStateField = 3;
  constexpr int kStartField = 22;
  for (int i = kStateField + 1; i < kStartField; ++i) fields >> field;
  std::int64_t start = 0;
  fields >> start;
  return start;
}

std::string boot_of(const ProcessIdentity& process) { return process.system.substr(0, process.system.find(' ')); }

}  // namespace

ProcessIdentity this_process() { return {host_name(), system_name(), ::getpid(), start_of("self")}; }

bool still_runs(const ProcessIdentity& process) {
  return process.started != 0 && start_of(std::to_string(process.pid)) == process.started;
}

void Worker::enter() {
  execute(database_, "INSERT INTO workers (host, system, pid, started) VALUES (?, ?, ?, ?)", process_.host,
          process_.system, process_.pid, process_.started);
  id_ = database_.connection().getLastInsertRowid();
}

void Worker::leave() { execute(database_, "DELETE FROM workers WHERE id = ?", id_); }

void Worker::beat() {
  if (execute(database_, "UPDATE workers SET heartbeat = heartbeat + 1 WHERE id = ?", id_) == 0) enter();
}

void Worker::be_known() {
  if (integer_of(database_, "SELECT 1 FROM workers WHERE id = ?", id_) == 0) enter();
}

bool Worker::lease(std::int64_t track) {
  return execute(database_, "INSERT OR IGNORE INTO leases VALUES (?, ?)", track, id_) > 0;
}

void Worker::release(std::int64_t track) {
  execute(database_, "DELETE FROM leases WHERE track = ? AND worker = ?", track, id_);
}

void Worker::settle(std::int64_t track) {
  release(track);
  execute(database_, "DELETE FROM deaths WHERE track = ?", track);
}

std::vector<std::int64_t> Worker::dead(Clock::time_point now) {
  std::vector<std::int64_t> dead;
  Query rows(database_, "SELECT id, host, system, pid, started, heartbeat FROM workers WHERE id <> ?", id_);
  while (rows.step()) {
    const ProcessIdentity process{rows.text(1), rows.text(2), rows.integer(3), rows.integer(4)};
    if (!lives(rows.integer(0), process, rows.integer(5), now)) dead.push_back(rows.integer(0));
  }
  return dead;
}

int Worker::deaths(std::int64_t track) {
  return static_cast<int>(integer_of(database_, "SELECT count FROM deaths WHERE track = ?", track));
}

std::string Worker::holders() {
  std::string text;
  Query rows(database_, "SELECT pid, host FROM workers WHERE id <> ? AND id IN (SELECT worker FROM leases) ORDER BY id",
             id_);
  while (rows.step()) {
    text += fmt::format("{}process {} on {}", text.empty() ? "" : ", ", rows.integer(0), rows.text(1));
  }
  return text;
}

void Worker::bury_dead(Clock::time_point now) {
  for (const std::int64_t worker : dead(now)) {
    execute(database_,
            "INSERT INTO deaths SELECT track, 1 FROM leases WHERE worker = ? "
            "ON CONFLICT (track) DO UPDATE SET count = count + 1",
            worker);
    execute(database_, "DELETE FROM workers WHERE id = ?", worker);
    heartbeats_.erase(worker);
  }
}

bool Worker::lives(std::int64_t worker, const ProcessIdentity& process, std::int64_t heartbeat, Clock::time_point now) {
  if (process.system == process_.system && !still_runs(process)) return false;
  if (process.host == process_.host && boot_of(process) != boot_of(process_)) return false;
  const auto [known, is_new] = heartbeats_.try_emplace(worker, Heartbeat{heartbeat, now});
  if (!is_new && known->second.count != heartbeat) known->second = {heartbeat, now};
  return now - known->second.seen < kSilence;
}

}  // namespace vivace::library
