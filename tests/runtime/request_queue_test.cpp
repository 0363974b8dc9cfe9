#include "runtime/request_queue.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "support/errors.hpp"

namespace vivace::runtime {
namespace {

using namespace std::chrono_literals;
using Clock = Request::Clock;
using test::expect_error;

/// A request that can be told from others by its number of rows or its priority.
Request request(const std::string& key, std::size_t rows = 1, int priority = 0) {
  Request request;
  request.key = key;
  request.rows = rows;
  request.options.priority = priority;
  request.came = Clock::now();
  return request;
}

std::vector<std::size_t> rows_of(const std::vector<Request>& run) {
  std::vector<std::size_t> rows;
  for (const Request& request : run) rows.push_back(request.rows);
  return rows;
}

using Rows = std::vector<std::size_t>;

TEST(RequestQueue, MergesUpToTheMostRowsInTheOrderOfComing) {
  RequestQueue queue({.max_rows = 4});
  for (const std::size_t rows : {1, 2, 3, 1, 9, 1}) queue.push(request("a", rows));
  EXPECT_EQ(rows_of(queue.pop()), (Rows{1, 2}));
  EXPECT_EQ(rows_of(queue.pop()), (Rows{3, 1}));
  EXPECT_EQ(rows_of(queue.pop()), Rows{9}) << "larger than a run, so it goes alone";
  EXPECT_EQ(rows_of(queue.pop()), Rows{1});
  EXPECT_EQ(queue.size(), 0U);
}

TEST(RequestQueue, TakesTheLargestPreferredNumberThatIsThere) {
  RequestQueue queue({.max_rows = 16, .preferred_rows = {4, 8}});
  for (int i = 0; i < 14; ++i) queue.push(request("a"));
  EXPECT_EQ(queue.pop().size(), 8U);
  EXPECT_EQ(queue.pop().size(), 4U);
  EXPECT_EQ(queue.pop().size(), 2U) << "fewer than any preferred number";
}

TEST(RequestQueue, NeverMergesDifferentKeys) {
  RequestQueue queue({.max_rows = 8});
  for (const char* key : {"a", "b", "a", "b", "b"}) queue.push(request(key));
  EXPECT_EQ(queue.pop().size(), 2U);
  EXPECT_EQ(queue.pop().size(), 3U);
}

TEST(RequestQueue, HigherPrioritiesGoFirst) {
  RequestQueue queue({.max_rows = 2});
  queue.push(request("a", 1, 0));
  queue.push(request("b", 2, 5));
  queue.push(request("a", 3, 9));
  EXPECT_EQ(rows_of(queue.pop()), Rows{3});
  EXPECT_EQ(rows_of(queue.pop()), Rows{2});
  EXPECT_EQ(rows_of(queue.pop()), Rows{1});
}

TEST(RequestQueue, AFullRunDoesNotWaitForAnOddRequestBeforeIt) {
  RequestQueue queue({.max_rows = 2, .max_delay = 1h});
  queue.push(request("odd"));
  queue.push(request("even"));
  queue.push(request("even"));
  EXPECT_EQ(queue.pop().size(), 2U);
  EXPECT_EQ(queue.size(), 1U);
}

TEST(RequestQueue, ARunIsDueWhenItsFirstRequestHasWaited) {
  RequestQueue queue({.max_rows = 8, .max_delay = 20ms});
  const Clock::time_point start = Clock::now();
  queue.push(request("a"));
  queue.push(request("a"));
  EXPECT_EQ(queue.pop().size(), 2U);
  EXPECT_GE(Clock::now() - start, 20ms);
}

TEST(RequestQueue, WhatIsOverComesAlone) {
  RequestQueue queue({.max_rows = 8});
  std::stop_source stop;
  Request late = request("a", 2);
  late.options.deadline = Clock::now();
  Request stopped = request("a", 3);
  stopped.options.stop = stop.get_token();
  queue.push(request("a", 1));
  queue.push(std::move(late));
  queue.push(std::move(stopped));
  stop.request_stop();
  EXPECT_EQ(rows_of(queue.pop()), Rows{2});
  EXPECT_EQ(rows_of(queue.pop()), Rows{3});
  EXPECT_EQ(rows_of(queue.pop()), Rows{1});
}

TEST(RequestQueue, FullItRejectsWhereThatWasChosen) {
  RequestQueue queue({.capacity = 1, .when_full = WhenFull::reject});
  queue.push(request("a"));
  expect_error(ErrorCode::resource_exhausted, [&] { queue.push(request("a")); });
}

TEST(RequestQueue, FullItDropsTheOldestWhereThatWasChosen) {
  RequestQueue queue({.capacity = 2, .when_full = WhenFull::drop_oldest});
  EXPECT_FALSE(queue.push(request("a", 1, 7)));
  EXPECT_FALSE(queue.push(request("b", 2)));
  const auto dropped = queue.push(request("a", 3));
  ASSERT_TRUE(dropped);
  EXPECT_EQ(dropped->rows, 1U);
  EXPECT_EQ(queue.size(), 2U);
}

TEST(RequestQueue, FullItLetsCallersWaitForRoom) {
  RequestQueue queue({.capacity = 1});
  queue.push(request("a", 1));
  std::jthread caller([&] { queue.push(request("a", 2)); });
  EXPECT_EQ(rows_of(queue.pop()), Rows{1});
  EXPECT_EQ(rows_of(queue.pop()), Rows{2});
}

TEST(RequestQueue, WaitingForRoomEndsWithTheDeadlineOrTheStop) {
  RequestQueue queue({.capacity = 1});
  queue.push(request("a"));
  Request late = request("a");
  late.options.deadline = Clock::now() + 5ms;
  expect_error(ErrorCode::cancelled, [&] { queue.push(std::move(late)); });
  std::stop_source stop;
  stop.request_stop();
  Request stopped = request("a");
  stopped.options.stop = stop.get_token();
  expect_error(ErrorCode::cancelled, [&] { queue.push(std::move(stopped)); });
}

TEST(RequestQueue, ClosedItGivesWhatWaitsAndThenNothing) {
  RequestQueue queue({.max_rows = 8, .max_delay = 1h});
  queue.push(request("a"));
  queue.close();
  EXPECT_EQ(queue.pop().size(), 1U);
  EXPECT_TRUE(queue.pop().empty());
  expect_error(ErrorCode::cancelled, [&] { queue.push(request("a")); });
}

}  // namespace
}  // namespace vivace::runtime
