#include "bench/load.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <semaphore>

#include "bench/virtual_target.hpp"
#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

using namespace std::chrono_literals;

OpenLoad open_load(std::vector<Arrival> arrivals, double duration_s) {
  OpenLoad load;
  load.arrivals = std::move(arrivals);
  load.duration_s = duration_s;
  load.most_senders = 1;
  return load;
}

std::size_t count_of(const Measurement& measured, double (Sample::*time)() const, double above) {
  return static_cast<std::size_t>(std::count_if(measured.samples.begin(), measured.samples.end(),
                                                [&](const Sample& sample) { return (sample.*time)() > above; }));
}

TEST(OpenLoad, OfATargetThatKeepsUpIsServedAtItsTimes) {
  VirtualClock clock;
  FunctionTarget target(in_virtual_time(clock, [](std::size_t) { return 0.05; }));
  const Measurement measured = run_open(target, open_load(constant_arrivals(10, 5, 1000), 5), clock, {});
  ASSERT_EQ(measured.samples.size(), 50U);
  for (std::size_t i = 0; i < measured.samples.size(); ++i) {
    EXPECT_NEAR(measured.samples[i].intended_s, static_cast<double>(i) / 10, 1e-12);
    EXPECT_NEAR(measured.samples[i].lag_s(), 0, 1e-12);
    EXPECT_NEAR(measured.samples[i].response_s(), 0.05, 1e-12);
  }
  EXPECT_EQ(measured.duration_s, 5);
  EXPECT_NEAR(measured.stage_s.at("work"), 2.5, 1e-9);
}

/// Serves in 1 ms, but request 300 in 1 s.
double with_one_stall(std::size_t index) { return index == 300 ? 1.0 : 0.001; }

// 100 requests a second: while the target stands for 1 s, 100 requests come due. Request k behind the stall is answered
// 1 - 0.009 k seconds after it was meant to be sent, which is above 0.1 s for the 100 with k < 100.
TEST(OpenLoad, AStallShowsInResponseTimesAndNotInServiceTimes) {
  VirtualClock clock;
  FunctionTarget target(in_virtual_time(clock, with_one_stall));
  const Measurement measured = run_open(target, open_load(constant_arrivals(100, 10, 1000), 10), clock, {});
  ASSERT_EQ(measured.samples.size(), 1000U);
  EXPECT_EQ(count_of(measured, &Sample::response_s, 0.1 + 1e-9), 100U);
  EXPECT_EQ(count_of(measured, &Sample::service_s, 0.1), 1U);
}

TEST(ClosedLoad, OmitsWhatAStallWouldHaveDelayed) {
  VirtualClock clock;
  FunctionTarget target(in_virtual_time(clock, with_one_stall));
  ClosedLoad load;
  load.most_requests = 1000;
  const Measurement measured = run_closed(target, load, clock, {});
  EXPECT_EQ(count_of(measured, &Sample::response_s, 0.1), 1U);
  EXPECT_NEAR(measured.duration_s, 1.999, 1e-9);
  EXPECT_TRUE(measured.ended_full);
}

// Requests are sent at 0, 1, …, 20 s: those due by 10 s may be sent for another 10 s.
TEST(OpenLoad, GivesUpRequestsThatWaitTooLong) {
  VirtualClock clock;
  FunctionTarget target(in_virtual_time(clock, [](std::size_t) { return 1.0; }));
  const Measurement measured = run_open(target, open_load(constant_arrivals(10, 10, 1000), 10), clock, {});
  EXPECT_EQ(measured.samples.size(), 21U);
  EXPECT_EQ(measured.unsent, 79U);
}

TEST(OpenLoad, GoesOnSendingWhileRequestsHang) {
  constexpr int kOthers = 40;
  std::counting_semaphore<kOthers> came(0);
  FunctionTarget target([&](std::size_t index, std::size_t) {
    if (index > 0) came.release();
    for (int i = 0; index == 0 && i < kOthers; ++i) EXPECT_TRUE(came.try_acquire_for(60s));
    return Answer{};
  });
  OpenLoad load = open_load(constant_arrivals(2000, 0.05, kOthers + 1), 0.05);
  load.first_senders = 1;
  load.most_senders = 64;
  EXPECT_EQ(run_open(target, load, machine_clock(), {}).samples.size(), 41U);
}

TEST(OpenLoad, StartsSendersWhileAllHang) {
  constexpr std::size_t kAtOnce = 20;
  std::atomic<std::size_t> inside = 0;
  std::counting_semaphore<kAtOnce> full(0);
  FunctionTarget target([&](std::size_t, std::size_t) {
    if (++inside == kAtOnce) full.release(kAtOnce);
    EXPECT_TRUE(full.try_acquire_for(60s));
    return Answer{};
  });
  OpenLoad load = open_load(arrivals_at_once(kAtOnce), 0.01);
  load.patience_s = 60;
  load.most_senders = 64;
  EXPECT_EQ(run_open(target, load, machine_clock(), {}).unsent, 0U);
}

TEST(ClosedLoad, LosesNothingOfManyCallers) {
  std::atomic<std::size_t> served = 0;
  FunctionTarget target([&](std::size_t index, std::size_t) {
    ++served;
    if (index % 10 == 3) throw Error(ErrorCode::unavailable, "busy");
    Answer answer;
    answer.items = 2;
    answer.audio_s = 0.5;
    answer.stage_s[0] = 0.25;
    return answer;
  });
  ClosedLoad load;
  load.callers = 4;
  load.duration_s = 60;
  load.most_requests = 4000;
  const Measurement measured = run_closed(target, load, machine_clock(), {});
  EXPECT_EQ(served, 4000U);
  ASSERT_EQ(measured.samples.size(), 4000U);
  EXPECT_EQ(std::count_if(measured.samples.begin(), measured.samples.end(), [](const auto& s) { return s.failed; }),
            400);
  EXPECT_EQ(measured.first_failure, "busy");
  EXPECT_DOUBLE_EQ(measured.audio_s, 1800);
  EXPECT_DOUBLE_EQ(measured.stage_s.at("work"), 900);
  EXPECT_TRUE(std::is_sorted(measured.samples.begin(), measured.samples.end(),
                             [](const auto& a, const auto& b) { return a.intended_s < b.intended_s; }));
  for (const Sample& sample : measured.samples) EXPECT_LT(sample.stream, 4U);
}

TEST(ClosedLoad, GoesOnForTheLeastRequests) {
  VirtualClock clock;
  FunctionTarget target(in_virtual_time(clock, [](std::size_t) { return 1.0; }));
  ClosedLoad load;
  load.duration_s = 3;
  EXPECT_EQ(run_closed(target, load, clock, {}).samples.size(), 3U);
  load.least_requests = 7;
  EXPECT_EQ(run_closed(target, load, clock, {}).samples.size(), 7U);
}

TEST(Load, EndsWhenItIsStopped) {
  std::stop_source stop;
  FunctionTarget target([&](std::size_t index, std::size_t) {
    if (index == 5) stop.request_stop();
    return Answer{};
  });
  ClosedLoad closed;
  closed.duration_s = 1000;
  EXPECT_EQ(run_closed(target, closed, machine_clock(), stop.get_token()).samples.size(), 6U);
  EXPECT_TRUE(run_open(target, open_load({{1000, 0}}, 1000), machine_clock(), stop.get_token()).samples.empty());
}

TEST(Measurement, PartsPutTogetherAreTheWhole) {
  VirtualClock clock;
  FunctionTarget target(in_virtual_time(clock, [](std::size_t) { return 0.25; }));
  ClosedLoad load;
  load.duration_s = 4;
  const Measurement whole = run_closed(target, load, clock, {});
  load.duration_s = 1;
  Measurement parts;
  for (int i = 0; i < 4; ++i) append(parts, run_closed(target, load, clock, {}));
  EXPECT_DOUBLE_EQ(parts.duration_s, whole.duration_s);
  EXPECT_DOUBLE_EQ(parts.stage_s.at("work"), whole.stage_s.at("work"));
  ASSERT_EQ(parts.samples.size(), whole.samples.size());
  for (std::size_t i = 0; i < whole.samples.size(); ++i) {
    EXPECT_NEAR(parts.samples[i].sent_s, whole.samples[i].sent_s, 1e-9);
    EXPECT_NEAR(parts.samples[i].done_s, whole.samples[i].done_s, 1e-9);
  }
}

}  // namespace
}  // namespace vivace::bench
