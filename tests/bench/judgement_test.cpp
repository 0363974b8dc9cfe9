#include "bench/judgement.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "bench/run_summary.hpp"
#include "support/errors.hpp"

namespace vivace::bench {
namespace {

/// A run of `count` requests in 10 s, each answered 5 ms after it was meant to be sent.
bench::Run run_of(const std::string& kind, std::size_t count) {
  bench::Run run;
  run.load.kind = kind;
  run.duration_s = 10;
  for (std::size_t i = 0; i < count; ++i) {
    const double time = 10.0 * static_cast<double>(i) / static_cast<double>(count);
    run.samples.push_back({time, time, time + 0.005, 1, 0, false});
  }
  return run;
}

std::string problems_of(bench::Run run, const Measurement& measured = {}) {
  judge(run, measured);
  std::string text;
  for (const std::string& problem : run.problems) text += problem + "\n";
  return text;
}

TEST(Judgement, SoundRunsHaveNoProblems) {
  for (const char* kind : {"closed", "poisson", "constant", "server", "single-stream", "multi-stream", "offline"}) {
    EXPECT_EQ(problems_of(run_of(kind, 1000)), "") << kind;
  }
}

// With 1000 requests in 10 s the mean interval is 10 ms, so that 1 ms is the limit; with 100 it is 10 ms.
TEST(Judgement, MoreThanOnePercentOfLateSendsIsInvalid) {
  bench::Run run = run_of("poisson", 1000);
  for (std::size_t i = 0; i < 10; ++i) run.samples[i].sent_s += 0.0011;
  EXPECT_EQ(problems_of(run), "");
  run.samples[10].sent_s += 0.0011;
  test::expect_contains(problems_of(run), "1.1 % of the requests were sent late");
  run.load.kind = "closed";
  EXPECT_EQ(problems_of(run), "");
}

TEST(Judgement, LateSendsAreMeasuredByTheIntervalOfSlowLoads) {
  bench::Run run = run_of("constant", 100);
  for (Sample& sample : run.samples) sample.sent_s += 0.004;
  EXPECT_EQ(late_send_share(run), 0);
  for (Sample& sample : run.samples) sample.sent_s += 0.007;
  EXPECT_EQ(late_send_share(run), 1);
}

TEST(Judgement, FailedAndUnsentRequestsAreTold) {
  bench::Run run = run_of("poisson", 1000);
  run.samples[3].failed = true;
  Measurement measured;
  measured.first_failure = "out of paper";
  measured.unsent = 7;
  const std::string problems = problems_of(run, measured);
  test::expect_contains(problems, "1 of 1000 requests failed: out of paper");
  test::expect_contains(problems, "7 of 1007 requests were never sent");
}

struct FullRun {
  const char* kind;
  std::size_t answered, unsent;
  const char* told;
};

// Of an open load that was cut, the requests are those that it was cut to, not those that were answered.
TEST(Judgement, RunsThatEndFullSayAtHowManyRequestsAndWhatToDo) {
  for (const FullRun& full : {FullRun{"closed", 2000, 0, "ended early, after 2000 requests in 10.0 s"},
                              {"offline", 2000, 0, "the load was cut to its first 2000 requests"},
                              {"constant", 65, 1935, "the load was cut to its first 2000 requests"}}) {
    bench::Run run = run_of(full.kind, full.answered);
    Measurement measured;
    measured.unsent = full.unsent;
    measured.ended_full = true;
    judge(run, measured);
    test::expect_contains(run.notes.back(), full.told);
    test::expect_contains(run.notes.back(), "--batch");
    EXPECT_EQ(run.notes.back().find("lower rate") != std::string::npos, is_open(run.load)) << full.kind;
  }
}

std::string length_problem(bench::Run run, std::size_t most_requests = kMostRequests) {
  judge_length(run, most_requests);
  return run.problems.empty() ? "" : run.problems.front();
}

TEST(Judgement, ScenariosWantTheirQueriesAndSeconds) {
  test::expect_contains(length_problem(run_of("single-stream", 99)), "99 in 10.0 s");
  EXPECT_EQ(length_problem(run_of("single-stream", 100)), "");
  bench::Run brief = run_of("server", 1000);
  brief.duration_s = 9.9;
  test::expect_contains(length_problem(brief), "9.9 s");
  EXPECT_EQ(length_problem(brief, 1000), "");
  EXPECT_EQ(problems_of(brief), "");
  EXPECT_EQ(length_problem(run_of("offline", 50)), "");
}

// Sent 4 ms late: an answer 5 ms after it was meant to be sent took 1 ms from when it was.
TEST(Judgement, TheGeneratorIsTooSlowWhereOnlySendsAreLate) {
  struct Case {
    double bound_s;
    double service_s;
    bool fails;
    bool expected;
  };
  for (const Case& c : {Case{0.002, 0.001, false, true}, Case{0.002, 0.003, false, false},
                        Case{0.002, 0.001, true, false}, Case{0, 0.001, false, true}}) {
    bench::Run run = run_of("poisson", 1000);
    run.load.latency_bound_s = c.bound_s;
    run.samples.front().failed = c.fails;
    for (Sample& sample : run.samples) {
      sample.sent_s += 0.004;
      sample.done_s = sample.sent_s + c.service_s;
    }
    EXPECT_EQ(was_generator_too_slow(run), c.expected) << c.bound_s << ' ' << c.service_s;
  }
}

TEST(Judgement, ScenariosTellTheirFigures) {
  bench::Run run = run_of("single-stream", 1000);
  for (std::size_t i = 0; i < 1000; ++i)
    run.samples[i].done_s = run.samples[i].sent_s + 0.001 * static_cast<double>(i + 1);
  judge(run, {});
  EXPECT_NEAR(run.found.at("p90_s"), 0.9, 1e-9);
  run.load.kind = "server";
  judge(run, {});
  EXPECT_NEAR(run.found.at("p99_s"), 0.99, 1e-9);
  bench::Run few = run_of("server", 999);
  judge(few, {});
  ASSERT_EQ(few.notes.size(), 1U);
  test::expect_contains(few.notes.front(), "p99 is that of 999 answers");
  run = run_of("offline", 500);
  for (Sample& sample : run.samples) sample.items = 4;
  judge(run, {});
  EXPECT_NEAR(run.found.at("samples_per_s"), 200, 1e-9);
}

TEST(Judgement, TheBoundIsForTheP99) {
  bench::Run run = run_of("server", 1000);
  run.load.latency_bound_s = 0.006;
  for (std::size_t i = 0; i < 10; ++i) run.samples[i].done_s += 1;
  EXPECT_EQ(problems_of(run), "");
  run.samples[10].done_s += 1;
  test::expect_contains(problems_of(run), "above the bound of 6.00 ms");
}

TEST(Judgement, FramesAreLateWhenTheNextIsDue) {
  bench::Run run = run_of("deadline", 250);
  run.load.frame_rate_hz = 25;
  run.samples[0].done_s = run.samples[0].intended_s + 0.04;
  EXPECT_EQ(late_frame_share(run), 0);
  run.samples[0].done_s += 0.001;
  run.samples[1].failed = true;
  EXPECT_EQ(late_frame_share(run), 2.0 / 250);
  run.load.latency_bound_s = 0.1;
  EXPECT_EQ(late_frame_share(run), 1.0 / 250);
}

TEST(Judgement, JitterIsBetweenFramesOfOneStream) {
  bench::Run run = run_of("deadline", 200);
  for (std::size_t i = 0; i < 200; ++i) {
    Sample& sample = run.samples[i];
    sample.stream = static_cast<std::uint32_t>(i % 2);
    if (i % 2 == 1) sample.done_s += 0.02;
  }
  EXPECT_NEAR(frame_jitter_s(run), 0, 1e-12);
  for (std::size_t i = 0; i < 200; i += 4) run.samples[i].done_s += 0.003;
  EXPECT_NEAR(frame_jitter_s(run), 0.0015, 1e-9);
}

TEST(RunSummary, CountsAnsweredRequestsAndItems) {
  bench::Run run = run_of("closed", 1000);
  for (Sample& sample : run.samples) sample.items = 3;
  run.samples[0].failed = true;
  run.samples[1].done_s += 1;
  const RunSummary summary = summarize(run);
  EXPECT_EQ(summary.requests, 1000U);
  EXPECT_EQ(summary.failed, 1U);
  EXPECT_NEAR(summary.rate_hz, 99.9, 1e-9);
  EXPECT_NEAR(summary.items_per_s, 299.7, 1e-9);
  EXPECT_NEAR(summary.response.most, 1.005, 1e-9);
  EXPECT_NEAR(summary.response.percentiles[0]->value, 0.005, 1e-9);
  EXPECT_FALSE(summary.response.percentiles[4]);
  EXPECT_NEAR(summary.lag.most, 0, 1e-12);
}

}  // namespace
}  // namespace vivace::bench
