#include "runtime/request_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/errors.hpp"

namespace vivace::runtime {
namespace {

using namespace std::chrono_literals;
using Clock = Request::Clock;
using test::expect_error;

/// A request that can be told from others by its number of rows or its priority.
RequestPointer request(std::int64_t key, std::size_t rows = 1, int priority = 0) {
  auto request = std::make_unique<Request>();
  request->key = {key};
  request->rows = rows;
  request->priority = priority;
  request->came = Clock::now();
  return request;
}

RequestPointer push(RequestQueue& queue, RequestPointer request) { return queue.push(request); }

std::vector<std::size_t> pop(RequestQueue& queue) {
  std::vector<RequestPointer> run;
  queue.pop(run);
  std::vector<std::size_t> rows;
  for (const RequestPointer& request : run) rows.push_back(request->rows);
  return rows;
}

using Rows = std::vector<std::size_t>;

TEST(RequestQueue, MergesUpToTheMostRowsInTheOrderOfComing) {
  RequestQueue queue({.max_rows = 4});
  for (const std::size_t rows : {1, 2, 3, 1, 9, 1}) push(queue, request(1, rows));
  EXPECT_EQ(pop(queue), (Rows{1, 2}));
  EXPECT_EQ(pop(queue), (Rows{3, 1}));
  EXPECT_EQ(pop(queue), Rows{9}) << "larger than a run, so it goes alone";
  EXPECT_EQ(pop(queue), Rows{1});
  EXPECT_EQ(queue.size(), 0U);
}

TEST(RequestQueue, TakesTheLargestPreferredNumberThatIsThere) {
  RequestQueue queue({.max_rows = 16, .preferred_rows = {4, 8}});
  for (int i = 0; i < 14; ++i) push(queue, request(1));
  EXPECT_EQ(pop(queue).size(), 8U);
  EXPECT_EQ(pop(queue).size(), 4U);
  EXPECT_EQ(pop(queue).size(), 2U) << "fewer than any preferred number";
}

TEST(RequestQueue, GivesRequestsOneByOneAndAtOnceWhereSharingHasEnded) {
  std::atomic<bool> first_shares = true;
  const auto shares = [&](const Request& request) { return request.key != RunKey{1} || first_shares; };
  RequestQueue queue({.max_rows = 6, .max_delay = 1h, .preferred_rows = {4, 8}, .shares = shares});
  for (const std::int64_t key : {1, 2}) {
    for (const std::size_t rows : {1, 2, 3}) push(queue, request(key, rows));
  }
  first_shares = false;
  queue.look_again();
  for (const std::size_t rows : {1, 2, 3}) EXPECT_EQ(pop(queue), Rows{rows});
  EXPECT_EQ(pop(queue), (Rows{1, 2}));
}

TEST(RequestQueue, NeverMergesDifferentKeys) {
  RequestQueue queue({.max_rows = 8});
  for (const std::int64_t key : {1, 2, 1, 2, 2}) push(queue, request(key));
  EXPECT_EQ(pop(queue).size(), 2U);
  EXPECT_EQ(pop(queue).size(), 3U);
}

TEST(RequestQueue, HigherPrioritiesGoFirst) {
  RequestQueue queue({.max_rows = 2});
  push(queue, request(1, 1, 0));
  push(queue, request(2, 2, 5));
  push(queue, request(1, 3, 9));
  EXPECT_EQ(pop(queue), Rows{3});
  EXPECT_EQ(pop(queue), Rows{2});
  EXPECT_EQ(pop(queue), Rows{1});
}

TEST(RequestQueue, AFullRunDoesNotWaitForAnOddRequestBeforeIt) {
  RequestQueue queue({.max_rows = 2, .max_delay = 1h});
  push(queue, request(1));
  push(queue, request(2));
  push(queue, request(2));
  EXPECT_EQ(pop(queue).size(), 2U);
  EXPECT_EQ(queue.size(), 1U);
}

TEST(RequestQueue, ARunIsDueWhenItsFirstRequestHasWaited) {
  RequestQueue queue({.max_rows = 8, .max_delay = 20ms});
  const Clock::time_point start = Clock::now();
  push(queue, request(1));
  push(queue, request(1));
  EXPECT_EQ(pop(queue).size(), 2U);
  EXPECT_GE(Clock::now() - start, 20ms);
}

TEST(RequestQueue, ARunIsDueBeforeADeadlineInItPasses) {
  RequestQueue queue({.max_rows = 8, .max_delay = 1h});
  queue.learn(1, 0.1);
  RequestPointer urgent = request(1);
  urgent->deadline = urgent->came + 800ms;
  const Clock::time_point deadline = *urgent->deadline;
  push(queue, request(1));
  push(queue, std::move(urgent));
  EXPECT_EQ(pop(queue).size(), 2U) << "one that has missed its deadline would come alone";
  EXPECT_LT(Clock::now(), deadline - 100ms) << "runs take that long";
}

TEST(RequestQueue, AStoppedRequestComesAtOnce) {
  RequestQueue queue({.max_rows = 8, .max_delay = 1h});
  std::stop_source stop;
  RequestPointer stopped = request(1, 3);
  stopped->stop = stop.get_token();
  push(queue, std::move(stopped));
  std::jthread caller([&] {
    std::this_thread::sleep_for(20ms);  // so that the worker waits by then
    stop.request_stop();
  });
  EXPECT_EQ(pop(queue), Rows{3});
}

TEST(RequestQueue, StopsAreNotWatchedForLongerThanTheyWait) {
  std::stop_source stop;
  std::vector<RequestPointer> run;
  {
    RequestQueue queue({.capacity = 1, .when_full = WhenFull::drop_oldest});
    for (int i = 0; i < 2; ++i) {
      RequestPointer stoppable = request(1);
      stoppable->stop = stop.get_token();
      if (RequestPointer dropped = push(queue, std::move(stoppable))) run.push_back(std::move(dropped));
    }
    std::vector<RequestPointer> popped;
    queue.pop(popped);
    run.push_back(std::move(popped.front()));
  }
  ASSERT_EQ(run.size(), 2U);
  EXPECT_TRUE(stop.request_stop()) << "the queue is gone";
}

/// Two requests with a gap between them, to a queue that knows what runs cost.
void push_two(RequestQueue& queue, Clock::duration gap) {
  RequestPointer first = request(1);
  RequestPointer second = request(1);
  first->came = second->came - gap;
  push(queue, std::move(first));
  push(queue, std::move(second));
}

TEST(RequestQueue, APredictiveWindowWaitsWhileThatPays) {
  RequestQueue queue({.max_rows = 8, .max_delay = 1h, .window = BatchWindow::predictive});
  for (const std::size_t rows : {1, 4, 1, 4}) queue.learn(rows, 10);  // a run costs the same however large it is
  const Clock::time_point start = Clock::now();
  push_two(queue, 25ms);
  EXPECT_EQ(pop(queue).size(), 2U);
  EXPECT_GE(Clock::now() - start, 50ms) << "twice the usual time between requests";
}

TEST(RequestQueue, APredictiveWindowDoesNotWaitWhereRowsCostTheSameTogether) {
  RequestQueue queue({.max_rows = 8, .max_delay = 1h, .window = BatchWindow::predictive});
  for (const std::size_t rows : {1, 4, 1, 4}) queue.learn(rows, 0.001 * static_cast<double>(rows));
  push_two(queue, 1h);
  EXPECT_EQ(pop(queue).size(), 2U);
}

TEST(RequestQueue, KeysThatTakeTheGroupOfOthersDoNotTakeTheirTimes) {
  RequestQueue queue({.max_rows = 8, .max_delay = 1min, .window = BatchWindow::predictive});
  for (const std::size_t rows : {1, 4, 1, 4}) queue.learn(rows, 1e6);
  constexpr std::int64_t kIdleGroups = 64;
  for (std::int64_t key = 0; key < kIdleGroups; ++key) {
    RequestPointer old = request(key);
    old->came -= 10s;
    push(queue, std::move(old));
    EXPECT_EQ(pop(queue).size(), 1U);
  }
  const Clock::time_point start = Clock::now();
  push(queue, request(kIdleGroups));
  EXPECT_EQ(pop(queue).size(), 1U);
  EXPECT_LT(Clock::now() - start, 5s) << "nothing is known of when the next comes, so it does not wait";
}

TEST(RequestQueue, WhatIsOverComesAlone) {
  RequestQueue queue({.max_rows = 8});
  std::stop_source stop;
  RequestPointer late = request(1, 2);
  late->deadline = Clock::now();
  RequestPointer stopped = request(1, 3);
  stopped->stop = stop.get_token();
  push(queue, request(1, 1));
  push(queue, std::move(late));
  push(queue, std::move(stopped));
  stop.request_stop();
  EXPECT_EQ(pop(queue), Rows{2});
  EXPECT_EQ(pop(queue), Rows{3});
  EXPECT_EQ(pop(queue), Rows{1});
}

TEST(RequestQueue, FullItRejectsWhereThatWasChosen) {
  RequestQueue queue({.capacity = 1, .when_full = WhenFull::reject});
  push(queue, request(1));
  expect_error(ErrorCode::resource_exhausted, [&] { push(queue, request(1)); });
}

TEST(RequestQueue, FullItDropsTheOldestWhereThatWasChosen) {
  RequestQueue queue({.capacity = 2, .when_full = WhenFull::drop_oldest});
  EXPECT_FALSE(push(queue, request(1, 1, 7)));
  EXPECT_FALSE(push(queue, request(2, 2)));
  const auto dropped = push(queue, request(1, 3));
  ASSERT_TRUE(dropped);
  EXPECT_EQ(dropped->rows, 1U);
  EXPECT_EQ(queue.size(), 2U);
}

TEST(RequestQueue, FullItLetsCallersWaitForRoom) {
  RequestQueue queue({.capacity = 1});
  push(queue, request(1, 1));
  std::atomic<bool> entered = false;
  std::jthread caller([&] {
    push(queue, request(1, 2));
    entered = true;
  });
  std::this_thread::sleep_for(20ms);
  EXPECT_FALSE(entered);
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(pop(queue), Rows{1});
  EXPECT_EQ(pop(queue), Rows{2});
}

TEST(RequestQueue, WaitingForRoomEndsWithTheDeadlineOrTheStop) {
  RequestQueue queue({.capacity = 1});
  push(queue, request(1));
  RequestPointer late = request(1);
  late->deadline = Clock::now() + 5ms;
  expect_error(ErrorCode::cancelled, [&] { push(queue, std::move(late)); });
  std::stop_source stop;
  stop.request_stop();
  RequestPointer stopped = request(1);
  stopped->stop = stop.get_token();
  expect_error(ErrorCode::cancelled, [&] { push(queue, std::move(stopped)); });
}

TEST(RequestQueue, ClosedItGivesWhatWaitsAndThenNothing) {
  RequestQueue queue({.max_rows = 8, .max_delay = 1h});
  push(queue, request(1));
  queue.close();
  EXPECT_EQ(pop(queue).size(), 1U);
  EXPECT_TRUE(pop(queue).empty());
  expect_error(ErrorCode::cancelled, [&] { push(queue, request(1)); });
}

TEST(RequestQueue, WhileRunsAreUnderWayOnlyFullOnesAreGivenOut) {
  RequestQueue queue({.max_rows = 2, .runs = 1});
  push(queue, request(1));
  EXPECT_EQ(pop(queue).size(), 1U);
  push(queue, request(1));
  push(queue, request(2));
  push(queue, request(2));
  EXPECT_EQ(pop(queue).size(), 2U) << "the other could still be joined";
  std::atomic<bool> given = false;
  std::jthread worker([&] {
    EXPECT_EQ(pop(queue).size(), 1U);
    given = true;
  });
  queue.end_run();
  std::this_thread::sleep_for(20ms);
  EXPECT_FALSE(given);
  queue.end_run();
}

TEST(RequestQueue, WhileRunsAreUnderWayDeadlinesAreKept) {
  RequestQueue queue({.max_rows = 2, .runs = 1});
  push(queue, request(1));
  EXPECT_EQ(pop(queue).size(), 1U);
  RequestPointer late = request(1, 1, 7);
  late->deadline = Clock::now() + 20ms;
  push(queue, std::move(late));
  EXPECT_EQ(pop(queue), Rows{1}) << "it is over";
}

}  // namespace
}  // namespace vivace::runtime
