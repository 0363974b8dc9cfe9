#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "support/environment.hpp"
#include "support/errors.hpp"
#include "support/isolated_model.hpp"
#include "support/processes.hpp"
#include "vivace/engine.hpp"

namespace vivace {
namespace {

using namespace std::chrono_literals;

/// An engine whose worker processes stop in their first run; see tests/support/hostile_worker.cpp.
class PausedWorker : public ::testing::Test {
 protected:
  PausedWorker() {
    options_.model = graph_.path();
    options_.isolation.mode = Isolation::process;
  }

  static bool wait_until_paused(std::size_t count) {
    return test::wait_until([count] {
      const std::vector<pid_t> workers = test::child_processes();
      const auto is_paused = [](pid_t worker) { return test::stat_fields(worker).at(0) == "T"; };
      return static_cast<std::size_t>(std::ranges::count_if(workers, is_paused)) == count;
    });
  }
  static void signal_workers(int signal) {
    for (const pid_t worker : test::child_processes()) ::kill(worker, signal);
  }

  const test::GraphFile graph_{test::float_identity()};
  const test::ScopedEnvironment program_{"VIVACE_WORKER", VIVACE_HOSTILE_WORKER};
  const test::ScopedEnvironment hostility_{"VIVACE_TEST_HOSTILITY", "pause"};
  EngineOptions options_;
};

TEST_F(PausedWorker, IsWaitedForInTheTimeOfTheQueue) {
  options_.threads.workers = 2;
  Engine engine(options_);
  auto first = engine.submit(test::filled(10, 1));
  EXPECT_TRUE(wait_until_paused(1));
  auto second = engine.submit(test::filled(10, 1));
  std::this_thread::sleep_for(2s);  // which the second request waits for the worker
  signal_workers(SIGCONT);
  first.get();
  const RequestMetrics metrics = second.get().metrics;
  EXPECT_GT(metrics.queue_s, metrics.prepare_s + metrics.infer_s);
}

TEST_F(PausedWorker, HasOthersBesideItForRequestsThatWait) {
  options_.isolation.processes = 3;
  options_.isolation.stop_grace = 20ms;
  Engine engine(options_);
  std::vector<std::future<Prediction>> answers;
  for (int i = 0; i < 3; ++i) answers.push_back(engine.submit(test::filled(10, 1)));
  EXPECT_TRUE(wait_until_paused(3));
  signal_workers(SIGCONT);
  for (auto& answer : answers) EXPECT_NO_THROW(answer.get());
}

TEST_F(PausedWorker, IsKilledAtTheEndOfTheEngine) {
  options_.isolation.processes = 2;
  options_.isolation.stop_grace = 20ms;
  auto engine = std::make_unique<Engine>(options_);
  auto submitted = engine->submit(test::filled(10, 1));
  auto caller = std::async(std::launch::async, [&engine = *engine] { engine.predict(test::filled(10, 1)); });
  EXPECT_TRUE(wait_until_paused(2));
  auto end = std::async(std::launch::async, [&] { engine.reset(); });
  EXPECT_TRUE(test::wait_until([&] { return end.wait_for(0s) == std::future_status::ready; }));
  signal_workers(SIGKILL);  // so that an engine that waits for them ends too
  const auto expect_failure = [](auto& answer) {
    test::expect_contains(test::expect_error(ErrorCode::unavailable, [&] { answer.get(); }), "as the engine ended");
  };
  expect_failure(submitted);
  expect_failure(caller);
}

}  // namespace
}  // namespace vivace
