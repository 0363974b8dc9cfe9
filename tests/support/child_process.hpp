#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <exception>

namespace vivace::test {

/// Runs `action` in a process of its own, which ends with status 0, or with 1 where the action throws.
template <typename Action>
pid_t start_process(Action&& action) {
  const pid_t process = fork();
  if (process != 0) return process;
  try {
    action();
  } catch (const std::exception&) {
    _exit(1);
  }
  _exit(0);
}

/// Waits for the end of a process; its status as `waitpid` gives it, 0 where all went well.
inline int wait_for(pid_t process) {
  int status = 0;
  waitpid(process, &status, 0);
  return status;
}

}  // namespace vivace::test
