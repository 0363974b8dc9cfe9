// The program of worker processes. It is started by vivace::Engine and is of no use by hand.

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "base/files.hpp"
#include "base/log.hpp"
#include "runtime/isolation/worker.hpp"

namespace {

/// Dies with the process that started this one; false where that is gone already.
bool follow(pid_t parent) { return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent; }

void log_to_caller(vivace::base::LogLevel level, const std::string& message) {
  vivace::base::write_all(STDERR_FILENO, vivace::runtime::marked_line(level, message));
}

}  // namespace

int main(int argc, char** argv) {
  using vivace::runtime::Channel;
  using vivace::runtime::Descriptor;
  if (argc != 2 || !follow(static_cast<pid_t>(std::atol(argv[1])))) {
    std::fputs("vivace-worker is started by programs that use vivace with isolation\n", stderr);
    return 2;
  }
  vivace::set_log_handler(log_to_caller);
  try {
    const Channel control{Descriptor(vivace::runtime::kControlDescriptor)};
    const Channel lifeline{Descriptor(vivace::runtime::kLifelineDescriptor)};
    vivace::runtime::serve_session(control, lifeline);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
