#include "runtime/isolation/worker_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "base/files.hpp"
#include "base/log.hpp"
#include "runtime/isolation/worker.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

constexpr std::size_t kLongestLine = 4096;
constexpr int kMostReads = 32;  // of 4 KiB each, twice what a pipe holds

/// What `posix_spawn` sets up in the new process.
class SpawnSettings {
 public:
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  /// Nothing to read, its output into one pipe, its two sockets, and no descriptor more.
  void set_descriptors(int control, int lifeline, int output) {
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, control, kControlDescriptor);
    ::posix_spawn_file_actions_adddup2(&actions_, lifeline, kLifelineDescriptor);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, kLifelineDescriptor + 1);
  }

  /// Signals as in a fresh program, but that of Ctrl-C is held back: the caller decides.
  void set_signals() {
    sigset_t all;
    sigset_t interrupt;
    ::sigfillset(&all);
    ::sigemptyset(&interrupt);
    ::sigaddset(&interrupt, SIGINT);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setsigmask(&attributes_, &interrupt);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

/// The reading and the writing end of a pipe, above the descriptors that the new process is given.
std::pair<Descriptor, Descriptor> output_pipe() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    throw Error(ErrorCode::resource_exhausted, "isolation",
                fmt::format("a pipe cannot be made: {}", std::strerror(errno)));
  }
  Descriptor reading(ends[0]);
  Descriptor low(ends[1]);
  Descriptor writing(::fcntl(low.get(), F_DUPFD_CLOEXEC, kLifelineDescriptor + 1));
  if (!writing || ::fcntl(reading.get(), F_SETFL, O_NONBLOCK) != 0) {
    throw Error(ErrorCode::resource_exhausted, "isolation",
                fmt::format("a pipe cannot be made: {}", std::strerror(errno)));
  }
  return {std::move(reading), std::move(writing)};
}

std::string described(const siginfo_t& end) {
  if (end.si_code == CLD_EXITED) return fmt::format("ended with status {}", end.si_status);
  const char* name = ::strsignal(end.si_status);
  return fmt::format("was ended by signal {} ({})", end.si_status, name != nullptr ? name : "unknown");
}

}  // namespace

int milliseconds_until(std::optional<WorkerProcess::Clock::time_point> deadline) {
  if (!deadline) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - WorkerProcess::Clock::now());
  return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
}

std::filesystem::path worker_program() {
  const char* named = std::getenv("VIVACE_WORKER");
  const bool is_named = named != nullptr && *named != '\0';
  const std::filesystem::path program =
      is_named ? std::filesystem::path(named) : base::library_folder() / "vivace" / "vivace-worker";
  std::error_code status;
  if (std::filesystem::is_regular_file(program, status)) return std::filesystem::absolute(program);
  throw Error(ErrorCode::not_found, program.string(),
              is_named ? "VIVACE_WORKER names no file"
                       : "the program of the worker processes is missing; install vivace with it, or say in "
                         "VIVACE_WORKER where it is");
}

WorkerProcess::WorkerProcess(const std::filesystem::path& program) : control_(Descriptor{}), lifeline_(Descriptor{}) {
  auto [control, worker_control] = Channel::pair();
  auto [lifeline, worker_lifeline] = Channel::pair();
  auto [reading, writing] = output_pipe();
  control_ = std::move(control);
  lifeline_ = std::move(lifeline);
  output_ = std::move(reading);
  start(program, worker_control.descriptor(), worker_lifeline.descriptor(), writing.get());
}

void WorkerProcess::start(const std::filesystem::path& program, int control, int lifeline, int output) {
  SpawnSettings settings;
  settings.set_descriptors(control, lifeline, output);
  settings.set_signals();
  std::string name = program.native();
  std::string parent = std::to_string(::getpid());
  std::array<char*, 3> arguments{name.data(), parent.data(), nullptr};
  const int error =
      ::posix_spawn(&id_, name.c_str(), settings.actions(), settings.attributes(), arguments.data(), ::environ);
  if (error != 0) {
    throw Error(error == EAGAIN || error == ENOMEM ? ErrorCode::resource_exhausted : ErrorCode::unavailable, name,
                fmt::format("a worker process cannot be started: {}", std::strerror(error)));
  }
  process_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, id_, 0)));
  if (process_) return;
  const int reason = errno;
  ::kill(id_, SIGKILL);
  ::waitpid(id_, nullptr, 0);
  throw Error(ErrorCode::unavailable, name,
              fmt::format("worker processes cannot be watched on this system (pidfd_open: {})", std::strerror(reason)));
}

WorkerProcess::~WorkerProcess() {
  if (reaped_ || !process_) return;
  kill();
  wait_for_end(std::nullopt);
  how_it_ended();
}

void WorkerProcess::stop_run(std::uint64_t run) const {
  lifeline_.send({reinterpret_cast<const char*>(&run), sizeof run});
}

void WorkerProcess::kill() const { ::syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0); }

bool WorkerProcess::wait_for_message(Clock::time_point deadline) { return watch(true, deadline); }

bool WorkerProcess::wait_for_end(std::optional<Clock::time_point> deadline) { return watch(false, deadline); }

bool WorkerProcess::watch(bool until_message, std::optional<Clock::time_point> deadline) {
  while (true) {
    std::array<pollfd, 3> events{{{process_.get(), POLLIN, 0},
                                  {output_.get(), POLLIN, 0},
                                  {until_message ? control_.descriptor() : -1, POLLIN, 0}}};
    const int ready = ::poll(events.data(), events.size(), milliseconds_until(deadline));
    if (ready == 0) return false;
    if (ready < 0) continue;
    if (events[1].revents != 0) read_output();
    if (events[0].revents != 0 || events[2].revents != 0) return true;
    if (deadline && Clock::now() >= *deadline) return false;
  }
}

/// Reads what is there; where more comes all the time, only a part.
void WorkerProcess::read_output() {
  std::array<char, 4096> part{};
  ssize_t length = -1;
  for (int reads = 0; reads < kMostReads; ++reads) {
    length = ::read(output_.get(), part.data(), part.size());
    if (length <= 0) break;
    for (const char c : std::string_view(part.data(), static_cast<std::size_t>(length))) {
      if (c != '\n') line_ += c;
      if (c != '\n' && line_.size() < kLongestLine) continue;
      log_line(line_);
      line_.clear();
    }
  }
  if (length == 0) output_.reset();
}

void WorkerProcess::log_line(std::string_view line) {
  if (line.empty()) return;
  base::LogLevel level = base::LogLevel::warning;
  if (const auto marked = marked_level(line)) {
    level = *marked;
    line.remove_prefix(kLevelMarkLength);
  } else {
    last_words_ = line;
  }
  base::log(level, fmt::format("worker process {}: {}", id_, base::to_valid_utf8(line)));
}

std::string WorkerProcess::how_it_ended() {
  read_output();
  log_line(line_);
  line_.clear();
  siginfo_t end{};
  const bool known = ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(process_.get()), &end, WEXITED) == 0;
  reaped_ = true;
  const std::string how = known ? described(end) : "ended";
  return last_words_.empty() ? how : fmt::format("{}; it wrote: {}", how, base::to_valid_utf8(last_words_));
}

}  // namespace vivace::runtime
