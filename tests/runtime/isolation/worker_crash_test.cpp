#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>

#include "base/machine.hpp"
#include "runtime/isolation/isolated_session.hpp"
#include "support/child_process.hpp"
#include "support/errors.hpp"
#include "support/isolated_model.hpp"
#include "support/processes.hpp"

namespace vivace::runtime {
namespace {

using namespace std::chrono_literals;
using test::expect_contains;
using test::expect_error;
using test::filled;
using test::GraphFile;
using test::kKilled;
using test::kOutput;
using test::wait_until;

/// Restarts at once, and never stops trying.
IsolationOptions patient(std::size_t processes = 1) {
  IsolationOptions options;
  options.processes = processes;
  options.restart_delay = 0ms;
  options.crash_limit = 1000;
  return options;
}

std::future<std::vector<Tensor>> run_in_background(const IsolatedSession& session, std::stop_token stop = {}) {
  return std::async(std::launch::async, [&session, stop] { return session.run(filled(10, 1), kOutput, stop); });
}

/// Holds the worker still, so that what it is told stays under way.
pid_t hold(const IsolatedSession& session) {
  EXPECT_TRUE(wait_until([&] { return !session.process_ids().empty(); }));
  const pid_t worker = session.process_ids().front();
  ::kill(worker, SIGSTOP);
  EXPECT_TRUE(wait_until([&] { return test::stat_fields(worker).at(0) == "T"; }));
  return worker;
}

TEST(WorkerCrash, FailsWhatIsUnderWayAndTheNextIsAnswered) {
  const GraphFile graph(test::float_identity());
  const IsolatedSession session(graph.session(), patient());
  const pid_t worker = hold(session);
  auto answer = run_in_background(session);
  EXPECT_EQ(answer.wait_for(20ms), std::future_status::timeout);
  ::kill(worker, SIGKILL);
  expect_contains(expect_error(ErrorCode::unavailable, [&] { answer.get(); }), kKilled);
  EXPECT_EQ(session.run(filled(10, 1), kOutput, {}).front().size(), 10U);
  EXPECT_EQ(session.restarts(), 1U);
  EXPECT_NE(session.process_ids().front(), worker);
}

TEST(WorkerCrash, IsMendedWhereverTheProcessHasGone) {
  const GraphFile graph(test::float_identity());
  const std::filesystem::path folder = std::filesystem::current_path();
  std::filesystem::current_path(graph.path().parent_path());
  SessionOptions options;
  options.graph = graph.path().filename();
  const IsolatedSession session(options, patient());
  std::filesystem::current_path(folder);
  ::kill(session.process_ids().front(), SIGKILL);
  ASSERT_TRUE(wait_until([&] { return session.restarts() == 1; }));
  EXPECT_EQ(session.run(filled(10, 1), kOutput, {}).front().size(), 10U);
}

TEST(WorkerCrash, OfAnIdleWorkerHurtsNobody) {
  const GraphFile graph(test::float_identity());
  const IsolatedSession session(graph.session(), patient());
  for (std::uint64_t i = 1; i <= 5; ++i) {
    ::kill(session.process_ids().front(), SIGABRT);
    ASSERT_TRUE(wait_until([&] { return session.restarts() == i; }));
    EXPECT_EQ(session.run(filled(10, 1), kOutput, {}).front().size(), 10U);
  }
}

/// Callers that check every answer against their own request until they are stopped.
class Load {
 public:
  explicit Load(const IsolatedSession& session, int callers) {
    for (int caller = 0; caller < callers; ++caller) {
      callers_.emplace_back([this, &session, caller](const std::stop_token& stop) { call(session, caller, stop); });
    }
  }

  void finish() { callers_.clear(); }
  std::uint64_t asked() const { return asked_; }
  std::uint64_t answered() const { return answered_; }
  std::uint64_t failed() const { return failed_; }

 private:
  void call(const IsolatedSession& session, int caller, const std::stop_token& stop) {
    for (int i = 0; !stop.stop_requested(); ++i) {
      const auto value = static_cast<float>(caller * 1'000'000 + i);
      const std::size_t count = i % 3 == 0 ? 200'000 : 100;
      ++asked_;
      try {
        const Tensor y = session.run(filled(count, value), kOutput, {}).front();
        ASSERT_EQ(y.size(), count);
        ASSERT_TRUE(std::ranges::all_of(y.values<float>(), [value](float v) { return v == value; }));
        ++answered_;
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), ErrorCode::unavailable) << error.what();
        expect_contains(error.what(), kKilled);
        ++failed_;
      }
    }
  }

  std::atomic<std::uint64_t> asked_ = 0;
  std::atomic<std::uint64_t> answered_ = 0;
  std::atomic<std::uint64_t> failed_ = 0;
  std::vector<std::jthread> callers_;
};

void kill_workers(const IsolatedSession& session, std::uint64_t times) {
  const std::uint64_t before = session.restarts();
  for (std::uint64_t kill = 1; kill <= times; ++kill) {
    std::vector<pid_t> workers;
    ASSERT_TRUE(wait_until([&] { return !(workers = session.process_ids()).empty(); }));
    ::kill(workers[kill % workers.size()], SIGKILL);
    ASSERT_TRUE(wait_until([&] { return session.restarts() >= before + kill; }));
  }
}

TEST(WorkerCrash, AHundredUnderLoadLoseNoAnswerAndNoMemory) {
  const GraphFile graph(test::float_identity());
  const IsolatedSession session(graph.session(), patient(2));
  Load load(session, 3);
  kill_workers(session, 20);
  const std::size_t memory = base::resident_bytes();
  const std::size_t descriptors = test::descriptor_count();
  kill_workers(session, 100);
  const std::size_t more_descriptors = test::descriptor_count();
  load.finish();
  EXPECT_EQ(load.asked(), load.answered() + load.failed());
  EXPECT_GT(load.answered(), 100U);
  EXPECT_GT(load.failed(), 0U);
  EXPECT_LE(load.failed(), session.restarts());
  EXPECT_LT(base::resident_bytes(), memory + (std::size_t{24} << 20));
  EXPECT_LT(more_descriptors, descriptors + 20) << "those of two workers come and go";
  EXPECT_EQ(session.run(filled(10, 1), kOutput, {}).front().size(), 10U);
}

TEST(WorkerCrash, ALoopOfThemRefusesRequestsUntilItHasCooledDown) {
  const GraphFile graph(test::float_identity());
  IsolationOptions options = patient();
  options.crash_limit = 3;
  options.cool_down = 1h;
  const IsolatedSession session(graph.session(), options);
  for (std::uint64_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(wait_until([&] { return session.restarts() == i && !session.process_ids().empty(); }));
    ::kill(session.process_ids().front(), SIGKILL);
  }
  ASSERT_TRUE(wait_until([&] { return session.process_ids().empty(); }));
  const std::string text = expect_error(ErrorCode::unavailable, [&] { session.run(filled(1, 1), kOutput, {}); });
  expect_contains(text, "crash again and again");
  expect_contains(text, kKilled);
}

TEST(WorkerCrash, AfterCoolingDownRequestsAreAnsweredAgain) {
  const GraphFile graph(test::float_identity());
  IsolationOptions options = patient();
  options.crash_limit = 1;
  options.cool_down = 50ms;
  const IsolatedSession session(graph.session(), options);
  ::kill(session.process_ids().front(), SIGKILL);
  ASSERT_TRUE(wait_until([&] { return session.restarts() == 1; }));
  EXPECT_EQ(session.run(filled(10, 1), kOutput, {}).front().size(), 10U);
}

TEST(WorkerCrash, WaitingForTheNextWorkerEndsWithStopAndDeadline) {
  const GraphFile graph(test::float_identity());
  IsolationOptions options = patient();
  options.restart_delay = 1h;
  options.longest_restart_delay = 1h;
  const IsolatedSession session(graph.session(), options);
  ::kill(session.process_ids().front(), SIGKILL);
  ASSERT_TRUE(wait_until([&] { return session.process_ids().empty(); }));
  const auto deadline = IsolatedSession::Clock::now() + 10ms;
  expect_contains(expect_error(ErrorCode::cancelled, [&] { LeasedSession(session, {.deadline = deadline}); }),
                  "deadline");
  std::stop_source stop;
  auto answer = run_in_background(session, stop.get_token());
  EXPECT_EQ(answer.wait_for(10ms), std::future_status::timeout);
  stop.request_stop();
  expect_contains(expect_error(ErrorCode::cancelled, [&] { answer.get(); }), "waited for a worker");
}

TEST(WorkerCrash, WaitingForTheNextWorkerEndsWhenNoneIsToCome) {
  const GraphFile graph(test::float_identity());
  IsolationOptions options = patient();
  options.restart_delay = 1h;
  options.longest_restart_delay = 1h;
  IsolatedSession session(graph.session(), options);
  ::kill(session.process_ids().front(), SIGKILL);
  ASSERT_TRUE(wait_until([&] { return session.process_ids().empty(); }));
  auto answer = run_in_background(session);
  EXPECT_EQ(answer.wait_for(10ms), std::future_status::timeout);
  session.close();
  expect_contains(expect_error(ErrorCode::cancelled, [&] { answer.get(); }), "the engine ended");
}

TEST(StoppedRun, EndsInItsWorkerWhichGoesOn) {
  const GraphFile graph(test::matrix_power_graph(2000));
  IsolationOptions options = patient();
  options.stop_grace = 10min;
  const IsolatedSession session(graph.session(), options);
  const pid_t worker = session.process_ids().front();
  std::stop_source stop;
  auto answer = std::async(std::launch::async, [&] {
    const std::vector<NamedTensor> inputs{{"x", Tensor(ElementType::float32, {512, 512})}};
    return session.run(inputs, kOutput, stop.get_token());
  });
  const long loaded = test::cpu_ticks(worker);
  ASSERT_TRUE(wait_until([&] { return test::cpu_ticks(worker) > loaded + 2; }));
  stop.request_stop();
  expect_contains(expect_error(ErrorCode::cancelled, [&] { answer.get(); }), "stopped while it ran");
  EXPECT_EQ(session.process_ids(), std::vector<pid_t>{worker});
  const std::vector<NamedTensor> small{{"x", Tensor(ElementType::float32, {2, 2})}};
  EXPECT_EQ(session.run(small, kOutput, {}).front().size(), 4U);
}

TEST(StoppedRun, ThatDoesNotEndLosesItsWorker) {
  const GraphFile graph(test::float_identity());
  IsolationOptions options = patient();
  options.stop_grace = 20ms;
  options.crash_limit = 1;
  options.cool_down = 1h;  // it must not count as a crash
  const IsolatedSession session(graph.session(), options);
  const pid_t worker = hold(session);
  std::stop_source stop;
  auto answer = run_in_background(session, stop.get_token());
  EXPECT_EQ(answer.wait_for(10ms), std::future_status::timeout);
  stop.request_stop();
  expect_contains(expect_error(ErrorCode::cancelled, [&] { answer.get(); }), "was replaced");
  EXPECT_EQ(session.run(filled(10, 1), kOutput, {}).front().size(), 10U);
  EXPECT_FALSE(test::is_alive(worker));
}

TEST(Orphans, AreNotLeftByAProcessThatIsKilled) {
  const test::TemporaryFolder folder;
  const GraphFile graph(test::float_identity());
  const std::filesystem::path notes = folder / "notes";
  const pid_t holder = test::start_process([&] {
    ::execl(VIVACE_SESSION_HOLDER, VIVACE_SESSION_HOLDER, graph.path().c_str(), notes.c_str(), nullptr);
    throw std::runtime_error("the program was not started");
  });
  ASSERT_TRUE(wait_until([&] { return test::read_text(notes).ends_with("all\n"); }));
  std::istringstream text(test::read_text(notes));
  std::vector<pid_t> workers;
  for (pid_t worker = 0; text >> worker;) workers.push_back(worker);
  ASSERT_EQ(workers.size(), 2U);
  for (const pid_t worker : workers) EXPECT_TRUE(test::is_alive(worker));
  ::kill(holder, SIGKILL);
  test::wait_for(holder);
  for (const pid_t worker : workers) EXPECT_TRUE(wait_until([&] { return !test::is_alive(worker); }));
}

}  // namespace
}  // namespace vivace::runtime
