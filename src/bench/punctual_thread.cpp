#include "bench/punctual_thread.hpp"

#include <linux/sched.h>
#include <linux/sched/types.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace vivace::bench {

void make_thread_punctual() {
  constexpr unsigned long kTimerSlack = 1;  // nanoseconds
  constexpr unsigned kTimeSlice = 100'000;  // nanoseconds, the shortest that is granted
  ::prctl(PR_SET_TIMERSLACK, kTimerSlack, 0, 0, 0);
  sched_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.sched_policy = SCHED_NORMAL;
  attributes.sched_runtime = kTimeSlice;
  ::syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace vivace::bench
