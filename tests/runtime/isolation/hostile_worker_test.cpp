#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "base/log.hpp"
#include "runtime/isolation/isolated_session.hpp"
#include "support/environment.hpp"
#include "support/errors.hpp"
#include "support/isolated_model.hpp"
#include "support/processes.hpp"

namespace vivace::runtime {
namespace {

using namespace std::chrono_literals;
using test::expect_contains;
using test::expect_error;

/// What a worker that cannot be trusted answers; see tests/support/hostile_worker.cpp.
class HostileWorker : public ::testing::TestWithParam<const char*> {};

TEST_P(HostileWorker, IsEndedAndItsRequestFails) {
  const test::GraphFile graph(test::float_identity());
  const test::ScopedEnvironment program("VIVACE_WORKER", VIVACE_HOSTILE_WORKER);
  const test::ScopedEnvironment hostility("VIVACE_TEST_HOSTILITY", GetParam());
  IsolationOptions options;
  options.crash_limit = 1000;
  const IsolatedSession session(graph.session(), options);
  const pid_t first = session.process_ids().front();
  for (int i = 0; i < 2; ++i) {
    const std::string text =
        expect_error(ErrorCode::unavailable, [&] { session.run(test::filled(10, 1), test::kOutput, {}); });
    expect_contains(text, "the worker process that ran it gave");
  }
  EXPECT_GE(session.restarts(), 1U);
  for (const pid_t process : session.process_ids()) EXPECT_NE(process, first);
}

INSTANTIATE_TEST_SUITE_P(Answers, HostileWorker,
                         ::testing::Values("no message", "another run", "another kind", "no output", "too many outputs",
                                           "beyond the region", "another size", "room twice", "no room",
                                           "too large a message"));

TEST(HostileRun, GetsNoMoreSharedMemoryThanTheLimit) {
  const test::GraphFile graph(test::float_identity());
  const test::ScopedEnvironment program("VIVACE_WORKER", VIVACE_HOSTILE_WORKER);
  const test::ScopedEnvironment hostility("VIVACE_TEST_HOSTILITY", "2 MiB of room");
  IsolationOptions options;
  options.output_limit_bytes = 1 << 20;
  const IsolatedSession session(graph.session(), options);
  const std::string text =
      expect_error(ErrorCode::resource_exhausted, [&] { session.run(test::filled(10, 1), test::kOutput, {}); });
  expect_contains(text, "its outputs take 2097152 bytes, isolation.output_limit_bytes allows 1048576");
  EXPECT_TRUE(test::wait_until([&] { return session.restarts() == 1; }));
}

/// Messages take their time while this lives, so that a worker writes faster than it is read.
class SlowLog {
 public:
  SlowLog() {
    set_log_handler([](base::LogLevel, const std::string&) { std::this_thread::sleep_for(2ms); });
  }
  SlowLog(const SlowLog&) = delete;
  SlowLog& operator=(const SlowLog&) = delete;
  ~SlowLog() { set_log_handler(nullptr); }
};

TEST(HostileStart, EndsInTimeWhateverTheWorkerWrites) {
  const SlowLog log;
  const test::GraphFile graph(test::float_identity());
  const test::ScopedEnvironment program("VIVACE_WORKER", VIVACE_HOSTILE_WORKER);
  const test::ScopedEnvironment hostility("VIVACE_TEST_HOSTILITY", "chatter");
  IsolationOptions options;
  options.start_timeout = 50ms;
  expect_contains(expect_error(ErrorCode::unavailable, [&] { IsolatedSession(graph.session(), options); }), "50 ms");
}

}  // namespace
}  // namespace vivace::runtime
