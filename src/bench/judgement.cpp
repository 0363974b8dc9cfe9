#include "bench/judgement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <span>

#include "bench/metric.hpp"
#include "bench/percentile.hpp"
#include "bench/warm_up.hpp"

namespace vivace::bench {
namespace {

constexpr double kMostLateSends = 0.01;
constexpr double kLateSend = 1e-3;  // seconds
constexpr double kLateSendOfInterval = 0.1;
constexpr double kMilliseconds = 1e3;
constexpr double kPercent = 100;
constexpr double kLoadGenSeconds = 10;  // its default
constexpr double kShareInBound = 0.99;  // of the answers
constexpr double kClockStep = 1e-9;     // of stored times, seconds

bool is_scenario(const LoadDescription& load) {
  return load.kind == "single-stream" || load.kind == "multi-stream" || load.kind == "server" || load.kind == "offline";
}

double frame_bound_s(const LoadDescription& load) {
  return load.latency_bound_s > 0 ? load.latency_bound_s : 1 / load.frame_rate_hz;
}

void judge_failures(Run& run, const Measurement& measured) {
  const auto failed = std::count_if(run.samples.begin(), run.samples.end(), [](const auto& s) { return s.failed; });
  if (failed > 0) {
    run.problems.push_back(
        fmt::format("{} of {} requests failed: {}", failed, run.samples.size(), measured.first_failure));
  }
  if (measured.unsent > 0) {
    run.problems.push_back(
        fmt::format("{} of {} requests were never sent: the load is more than target and generator can keep up with",
                    measured.unsent, run.samples.size() + measured.unsent));
  }
  if (run.samples.empty()) run.problems.push_back("no request was answered");
}

void judge_sends(Run& run) {
  if (!were_sent_late(run)) return;
  run.problems.push_back(
      fmt::format("{:.1f} % of the requests were sent late: the load fell behind", late_send_share(run) * kPercent));
}

/// Notes that a percentile is told, or held against a bound, of fewer answers than that takes.
void note_few_answers(Run& run, double share, std::size_t answers) {
  if (reaches_percentile(answers, share)) return;
  run.notes.push_back(
      fmt::format("p{:.0f} is that of {} answers, with fewer than ten of them slower", share * kPercent, answers));
}

/// Tells a percentile that the load asks for, whatever the number of samples.
void find_percentile(Run& run, const char* found, double share) {
  const std::vector<double> response = ascending_latencies(run, CountedFrom::response);
  run.found[found] = nearest_rank(response, share);
  note_few_answers(run, share, response.size());
}

void judge_scenario(Run& run) {
  if (!is_scenario(run.load) || run.samples.empty()) return;
  if (run.load.kind == "single-stream") find_percentile(run, "p90_s", 0.9);
  if (run.load.kind == "multi-stream" || run.load.kind == "server") find_percentile(run, "p99_s", 0.99);
  if (run.load.kind == "offline") run.found["samples_per_s"] = items_per_second(run);
}

void judge_bound(Run& run) {
  const double bound = run.load.latency_bound_s;
  if (run.load.kind == "deadline" || bound == 0 || run.samples.empty()) return;
  if (run.load.kind != "server") note_few_answers(run, 0.99, run.samples.size());
  const double p99 = response_p99_s(run);
  if (p99 <= bound) return;
  run.problems.push_back(fmt::format("p99 of the response time is {:.2f} ms, above the bound of {:.2f} ms",
                                     p99 * kMilliseconds, bound * kMilliseconds));
}

void judge_frames(Run& run) {
  if (run.load.kind != "deadline" || run.samples.empty()) return;
  run.found["late_share"] = late_frame_share(run);
  run.found["jitter_s"] = frame_jitter_s(run);
  const auto frames = static_cast<double>(run.samples.size());
  if (frames * kLateShare >= 1) return;
  run.notes.push_back(fmt::format("{} frames are too few to tell a share of late ones below {:.2g} %",
                                  run.samples.size(), kPercent / frames));
}

/// Says at how many requests a load ended since no more are kept, and what to do about that.
void note_end(Run& run, const Measurement& measured) {
  if (!measured.ended_full) return;
  const std::size_t requests = run.samples.size() + measured.unsent;
  const std::string end = is_closed(run.load)
                              ? fmt::format("ended early, after {} requests in {:.1f} s", requests, run.duration_s)
                              : fmt::format("the load was cut to its first {} requests", requests);
  run.notes.push_back(
      fmt::format("{}: no more are kept; for a longer measurement use a larger --batch{}, for a smaller result a "
                  "shorter --duration",
                  end, is_open(run.load) ? " or a lower rate" : ""));
}

void judge_stability(Run& run) {
  const double ratio = drift(run.samples);
  if (ratio > kStableRatio)
    run.notes.push_back(fmt::format("service times drifted by {:.0f} %", (ratio - 1) * kPercent));
}

}  // namespace

bool is_closed(const LoadDescription& load) {
  return load.kind == "closed" || load.kind == "single-stream" || load.kind == "multi-stream";
}

bool is_open(const LoadDescription& load) {
  return load.kind == "poisson" || load.kind == "constant" || load.kind == "server" || load.kind == "deadline";
}

double late_send_share(const Run& run) {
  const auto count = static_cast<double>(run.samples.size());
  const double limit = std::max(kLateSend, kLateSendOfInterval * run.duration_s / count);
  const auto late = std::count_if(run.samples.begin(), run.samples.end(),
                                  [&](const Sample& sample) { return sample.lag_s() > limit; });
  return static_cast<double>(late) / count;
}

bool were_sent_late(const Run& run) {
  return is_open(run.load) && !run.samples.empty() && late_send_share(run) > kMostLateSends;
}

bool was_generator_too_slow(const Run& run) {
  if (!were_sent_late(run)) return false;
  if (std::any_of(run.samples.begin(), run.samples.end(), [](const Sample& s) { return s.failed; })) return false;
  const bool has_frames = run.load.kind == "deadline";
  if (!has_frames && run.load.latency_bound_s == 0) return true;
  const double bound = (has_frames ? frame_bound_s(run.load) : run.load.latency_bound_s) + kClockStep;
  const double allowed = has_frames ? kLateShare : 1 - kShareInBound;
  const auto slow = std::count_if(run.samples.begin(), run.samples.end(),
                                  [&](const Sample& sample) { return sample.service_s() > bound; });
  return static_cast<double>(slow) <= allowed * static_cast<double>(run.samples.size());
}

double late_frame_share(const Run& run) {
  const double bound = frame_bound_s(run.load) + kClockStep;
  const auto late = std::count_if(run.samples.begin(), run.samples.end(),
                                  [&](const Sample& sample) { return sample.failed || sample.response_s() > bound; });
  return static_cast<double>(late) / static_cast<double>(run.samples.size());
}

double frame_jitter_s(const Run& run) {
  std::map<std::uint32_t, double> previous;
  double sum = 0;
  std::size_t count = 0;
  for (const Sample& sample : run.samples) {
    if (sample.failed) continue;
    const auto [last, is_first] = previous.try_emplace(sample.stream, sample.response_s());
    if (is_first) continue;
    sum += std::abs(sample.response_s() - last->second);
    ++count;
    last->second = sample.response_s();
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

double response_p99_s(const Run& run) {
  const std::vector<double> response = ascending_latencies(run, CountedFrom::response);
  return response.empty() ? std::numeric_limits<double>::infinity() : nearest_rank(response, 0.99);
}

void judge(Run& run, const Measurement& measured) {
  judge_failures(run, measured);
  judge_sends(run);
  judge_scenario(run);
  judge_bound(run);
  judge_frames(run);
  judge_stability(run);
  note_end(run, measured);
}

void judge_length(Run& run, std::size_t most_requests) {
  constexpr double kRounding = 1e-6;  // a caller looks at the clock once more after its last answer
  if (!is_scenario(run.load) || run.samples.empty() || run.samples.size() >= most_requests) return;
  const bool enough = run.load.kind == "offline" || run.samples.size() >= kLeastQueries;
  if (enough && run.duration_s + kRounding >= kLoadGenSeconds) return;
  run.problems.push_back(fmt::format("the scenario wants {} queries and {} s at least; these are {} in {:.1f} s",
                                     kLeastQueries, kLoadGenSeconds, run.samples.size(), run.duration_s));
}

}  // namespace vivace::bench
