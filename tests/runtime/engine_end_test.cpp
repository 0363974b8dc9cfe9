#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "support/child_process.hpp"
#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/processes.hpp"
#include "support/source_tree.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"
#include "vivace/engine.hpp"

namespace vivace {
namespace {

using namespace std::chrono_literals;
using Clock = RequestOptions::Clock;
using test::expect_contains;
using test::expect_error;

/// What an engine does with requests when it goes. Its model gives the mean of each row of "x".
class EngineEnd : public ::testing::Test {
 protected:
  EngineEnd() {
    test::write_text(folder_ / "net.onnx", test::tiny_graph({"x", {-1, 8}}, {{"y", {-1, 3}}}));
    options_.model = folder_ / "net.onnx";
  }

  static Engine::Inputs row() { return {{"x", Tensor(ElementType::float32, {1, 8})}}; }

  /// An engine whose only worker process is gone and does not come back.
  std::unique_ptr<Engine> engine_without_workers() {
    options_.isolation.mode = Isolation::process;
    options_.isolation.restart_delay = 1h;
    options_.isolation.longest_restart_delay = 1h;
    auto engine = std::make_unique<Engine>(options_);
    for (const pid_t worker : test::child_processes()) ::kill(worker, SIGKILL);
    EXPECT_TRUE(test::wait_until([&] { return engine->metrics().worker_processes == 0; }));
    return engine;
  }

  test::TemporaryFolder folder_;
  EngineOptions options_;
};

TEST_F(EngineEnd, WaitsForCallersThatRunTheModelThemselves) {
  options_.model = test::installed_model("discogs-effnet-seeded") / "model.onnx";
  auto engine = std::make_unique<Engine>(options_);
  const std::size_t idle = engine->metrics().backend_bytes;
  auto returned = std::async(std::launch::async, [&engine = *engine] {
    engine.predict({{"melspectrogram", Tensor(ElementType::float32, {96, 128, 96})}});
    return Clock::now();
  });
  ASSERT_TRUE(test::wait_until([&] { return engine->metrics().backend_bytes > idle + 10'000'000; }));
  engine.reset();
  const Clock::time_point gone = Clock::now();
  EXPECT_LT(returned.get(), gone + 50ms);
}

TEST_F(EngineEnd, FailsCallersThatWaitForRoom) {
  options_.max_batch = 64;
  options_.max_delay = 1h;
  options_.queue_capacity = 1;
  auto engine = std::make_unique<Engine>(options_);
  auto first = engine->submit(row());
  std::vector<std::future<void>> callers;
  for (int i = 0; i < 4; ++i) {
    callers.push_back(std::async(std::launch::async, [&engine = *engine] { engine.predict(row()); }));
  }
  std::this_thread::sleep_for(20ms);  // so that they wait by then
  engine.reset();
  for (auto& caller : callers) {
    expect_contains(expect_error(ErrorCode::cancelled, [&] { caller.get(); }), "the engine has ended");
  }
}

/// By the most rows that share a run.
class EngineEndWithoutWorkers : public EngineEnd, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(EngineEndWithoutWorkers, WaitsForNone) {
  options_.max_batch = GetParam();
  auto engine = engine_without_workers();
  std::vector<std::future<Prediction>> futures;
  for (int i = 0; i < 4; ++i) futures.push_back(engine->submit(row()));
  auto caller = std::async(std::launch::async, [&engine = *engine] { engine.predict(row()); });
  std::this_thread::sleep_for(20ms);  // so that runs wait for the process by then
  const Clock::time_point start = Clock::now();
  engine.reset();
  EXPECT_LT(Clock::now() - start, 30s);
  for (auto& future : futures) expect_error(ErrorCode::cancelled, [&] { future.get(); });
  expect_error(ErrorCode::cancelled, [&] { caller.get(); });
}
INSTANTIATE_TEST_SUITE_P(MaxBatch, EngineEndWithoutWorkers, ::testing::Values(1, 2));

TEST_F(EngineEnd, RequestsThatWaitTogetherForAWorkerProcessEndWithTheirOwnDeadlineAndStop) {
  options_.max_batch = 3;
  options_.max_delay = 60s;  // full runs do not wait
  auto engine = engine_without_workers();
  std::stop_source stop;
  RequestOptions soon;
  soon.deadline = Clock::now() + 100ms;
  RequestOptions stoppable;
  stoppable.stop = stop.get_token();
  auto late = engine->submit(row(), soon);
  auto stopped = engine->submit(row(), stoppable);
  auto patient = engine->submit(row());
  expect_contains(expect_error(ErrorCode::cancelled, [&] { late.get(); }), "deadline");
  EXPECT_EQ(stopped.wait_for(20ms), std::future_status::timeout);
  stop.request_stop();
  expect_contains(expect_error(ErrorCode::cancelled, [&] { stopped.get(); }), "stopped");
  EXPECT_EQ(patient.wait_for(20ms), std::future_status::timeout);
  engine.reset();
  expect_error(ErrorCode::cancelled, [&] { patient.get(); });
}

TEST_F(EngineEnd, MayComeAfterThatOfStaticObjects) {
  const pid_t process = test::start_process([&] {
    ::execl(VIVACE_STATIC_ENGINE, VIVACE_STATIC_ENGINE, options_.model.c_str(), nullptr);
    throw std::runtime_error("the program was not started");
  });
  EXPECT_EQ(test::wait_for(process), 0);
}

}  // namespace
}  // namespace vivace
