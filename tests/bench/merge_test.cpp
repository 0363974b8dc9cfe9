#include "bench/merge.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "bench/arrivals.hpp"
#include "bench/run_summary.hpp"
#include "bench/simulated_run.hpp"
#include "support/errors.hpp"

namespace vivace::bench {
namespace {

using test::expect_contains;
using test::expect_error;

constexpr double kBegin = 1.8e9;  // of all runs, Unix time

/// 4 streams with 100 frames a second each for 20 s, whose answers take about 2 ms.
bench::Run whole_run() {
  bench::Run run;
  run.name = "a";
  run.target = "model net.onnx";
  run.settings = {{"batch", "1"}};
  run.load.kind = "deadline";
  run.load.frame_rate_hz = 100;
  run.load.streams = 4;
  run.begin_unix_s = kBegin;
  run.duration_s = 20;
  run.stage_s = {{"infer", 8}};
  test::Noise noise(5, 0.5);
  for (const Arrival& arrival : frame_arrivals(4, 100, 20, 100'000)) {
    const double done = arrival.time_s + 0.002 * std::exp(0.2 * noise.next());
    run.samples.push_back({arrival.time_s, arrival.time_s, done, 1, arrival.stream, false});
  }
  return run;
}

/// What one of two generators would have measured of a run: half of its streams.
bench::Run half_of(const bench::Run& whole, std::uint32_t which) {
  bench::Run half = whole;
  std::erase_if(half.samples, [&](const Sample& sample) { return sample.stream / 2 != which; });
  for (Sample& sample : half.samples) sample.stream %= 2;
  half.load.streams = 2;
  half.stage_s["infer"] /= 2;
  return half;
}

/// A result of the one machine.
NamedResult named(const char* name, bench::Run run) {
  NamedResult result{name, {{}, {std::move(run)}}};
  result.result.environment.host = "host";
  return result;
}

void expect_equal(const TimeSummary& merged, const TimeSummary& whole) {
  EXPECT_EQ(merged.count, whole.count);
  EXPECT_NEAR(merged.mean, whole.mean, 1e-12);
  EXPECT_EQ(merged.most, whole.most);
  for (std::size_t i = 0; i < kShares.size(); ++i) {
    ASSERT_EQ(merged.percentiles[i].has_value(), whole.percentiles[i].has_value());
    if (!whole.percentiles[i]) continue;
    EXPECT_EQ(merged.percentiles[i]->value, whole.percentiles[i]->value);
    EXPECT_EQ(merged.percentiles[i]->high, whole.percentiles[i]->high);
  }
}

TEST(Merge, OfTheHalvesIsTheWhole) {
  const bench::Run whole = whole_run();
  const Result merged = merge_results({named("a", half_of(whole, 0)), named("b", half_of(whole, 1))});
  ASSERT_EQ(merged.runs.size(), 1U);
  const bench::Run& run = merged.runs.front();
  const RunSummary summary = summarize(run);
  expect_equal(summary.response, summarize(whole).response);
  EXPECT_EQ(summary.rate_hz, summarize(whole).rate_hz);
  EXPECT_EQ(run.load.streams, 4U);
  EXPECT_EQ(run.duration_s, whole.duration_s);
  EXPECT_EQ(run.stage_s, whole.stage_s);
  EXPECT_EQ(run.settings.at("generators"), "2");
  EXPECT_TRUE(run.problems.empty());
  ASSERT_EQ(run.samples.size(), whole.samples.size());
  for (std::size_t i = 0; i < whole.samples.size(); ++i) {
    ASSERT_EQ(run.samples[i].done_s, whole.samples[i].done_s);
    ASSERT_EQ(run.samples[i].stream, whole.samples[i].stream);
  }
}

// The second begins 2 s later, so that both are measured for 18 s.
TEST(Merge, CountsTheTimeInWhichAllWereMeasured) {
  bench::Run late = half_of(whole_run(), 1);
  late.begin_unix_s += 2;
  const Result merged = merge_results({named("a", half_of(whole_run(), 0)), named("b", late)});
  const bench::Run& run = merged.runs.front();
  EXPECT_NEAR(run.duration_s, 18, 0.01);
  EXPECT_NEAR(summarize(run).rate_hz, 400, 1);
  EXPECT_NEAR(run.stage_s.at("infer"), 7.2, 0.01);
  EXPECT_GE(run.samples.front().intended_s, 0);
  expect_contains(run.notes.front(), "a: 10.0 % of the requests were before or after");
}

TEST(Merge, KeepsProblemsOfItsParts) {
  bench::Run late = half_of(whole_run(), 1);
  late.problems = {"the load fell behind"};
  const Result merged = merge_results({named("a", half_of(whole_run(), 0)), named("b.json", late)});
  EXPECT_EQ(merged.runs.front().problems, std::vector<std::string>{"b.json: the load fell behind"});
}

struct Refusal {
  std::function<void(bench::Run&)> change;
  const char* told;
};

TEST(Merge, RefusesWhatIsNotOneLoad) {
  for (const Refusal& refusal : {Refusal{[](bench::Run& run) { run.settings["batch"] = "2"; }, "settings"},
                                 {[](bench::Run& run) { run.model_sha256 = "ff"; }, "model"},
                                 {[](bench::Run& run) { run.load.frame_rate_hz = 50; }, "another load"},
                                 {[](bench::Run& run) { run.begin_unix_s += 15; }, "at the same time"},
                                 {[](bench::Run& run) { run.begin_unix_s = 0; }, "does not say when it began"},
                                 {[](bench::Run& run) {
                                    run.slice_ends_s = {10, 20};
                                  },
                                  "in turn"},
                                 {[](bench::Run& run) { run.found["most_streams"] = 2; }, "search"},
                                 {[](bench::Run& run) { run.load.kind = "single-stream"; }, "one query at a time"},
                                 {[](bench::Run& run) { run.settings["generators"] = "2"; }, "merged already"},
                                 {[](bench::Run& run) { run.samples.clear(); }, "has no requests"}}) {
    bench::Run changed = half_of(whole_run(), 1);
    refusal.change(changed);
    const std::vector<NamedResult> results{named("a.json", half_of(whole_run(), 0)), named("b.json", changed)};
    const std::string message = expect_error(ErrorCode::invalid_argument, [&] { merge_results(results); });
    expect_contains(message, refusal.told);
    expect_contains(message, "b.json");
  }
}

TEST(Merge, RefusesTheSameRandomArrivalsTwice) {
  bench::Run run = whole_run();
  run.load.kind = "poisson";
  bench::Run other = run;
  for (Sample& sample : other.samples) sample.done_s += 1e-3;
  expect_contains(expect_error(ErrorCode::invalid_argument,
                               [&] {
                                 merge_results({named("a", run), named("b", other)});
                               }),
                  "--seed");
}

TEST(Merge, RefusesOneMeasurementTwice) {
  const NamedResult first = named("a.json", half_of(whole_run(), 0));
  const NamedResult second = named("b.json", half_of(whole_run(), 1));
  NamedResult same_requests = first;
  same_requests.result.environment.host = "elsewhere";
  for (const NamedResult& copy : {first, same_requests}) {
    const std::string message = expect_error(ErrorCode::invalid_argument, [&] {
      merge_results({first, second, copy});
    });
    expect_contains(message, "is the measurement that is in a.json too");
  }
}

TEST(Merge, WantsAPartnerForEveryRunAndTwoResults) {
  NamedResult two = named("b", half_of(whole_run(), 1));
  two.result.runs.push_back(two.result.runs.front());
  two.result.runs.back().name = "other";
  const NamedResult one = named("a", half_of(whole_run(), 0));
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { merge_results({one, two}); }), "'other'");
  expect_error(ErrorCode::invalid_argument, [&] { merge_results({one}); });
}

}  // namespace
}  // namespace vivace::bench
