#include "bench/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>
#include <optional>
#include <utility>

#include "base/machine.hpp"
#include "bench/judgement.hpp"
#include "bench/load.hpp"
#include "bench/search.hpp"
#include "bench/warm_up.hpp"
#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

constexpr std::size_t kSamplesOfMultiStream = 8;  // as LoadGen has it
constexpr std::size_t kLeastQueries = 100;        // of LoadGen's scenarios with one query at a time
constexpr double kOfflineSurplus = 1.2;           // so that it lasts as long as wanted
constexpr double kShortestService = 1e-6;         // seconds
constexpr double kOfflinePatience = 100;          // times the planned duration
constexpr double kStartOfSearch = 0.5;            // of the rate that one caller reaches
constexpr double kSearchTolerance = 0.05;
constexpr int kMostRepetitions = 2;  // of a trial
constexpr std::size_t kMostStreams = 4096;

/// Lets the highest resident memory count from now, where the kernel allows it.
void forget_peak_memory() { std::ofstream("/proc/self/clear_refs") << "5"; }

bool is_closed(const LoadDescription& load) {
  return load.kind == "closed" || load.kind == "single-stream" || load.kind == "multi-stream";
}

std::size_t samples_in_request(const LoadDescription& load) {
  return load.kind == "multi-stream" ? kSamplesOfMultiStream : 1;
}

std::size_t callers_of(const LoadDescription& load) {
  return load.kind == "closed" || load.kind == "offline" ? std::max<std::size_t>(load.concurrency, 1) : 1;
}

void require(bool holds, const char* what, const char* problem) {
  if (!holds) throw Error(ErrorCode::invalid_argument, what, problem);
}

void check(const LoadPlan& plan) {
  const LoadDescription& load = plan.load;
  require(is_closed(load) || is_open(load) || load.kind == "offline", "load", "is of no known kind");
  require(plan.duration_s > 0, "duration", "must be above 0");
  if (load.kind == "deadline") {
    require(load.frame_rate_hz > 0, "deadline", "needs a frame rate above 0");
    require(plan.searches || load.streams > 0, "deadline", "needs at least one stream");
  } else if (is_open(load)) {
    require(plan.searches || load.rate_hz > 0, "load", "needs a rate above 0");
    require(!plan.searches || load.latency_bound_s > 0, "search for the peak", "needs a latency bound above 0");
  } else {
    require(!plan.searches, "load", "has nothing to search for; use an open load");
  }
}

/// One target, warm, and the stretches of load that it is put under.
class Subject {
 public:
  Subject(Target& target, const LoadPlan& plan, const MeasureContext& context)
      : target_(target), plan_(plan), context_(context) {
    WarmUpOptions options;
    options.callers = callers_of(plan.load);
    options.samples = samples_in_request(plan.load);
    options.limit_s = plan.warm_up_limit_s;
    context.progress("warming up");
    warm_up_ = warm_up(target, options, context.clock, context.stop);
    forget_peak_memory();
  }

  /// Puts the load on the target for a while; `seed` is that of the load.
  Measurement stretch(const LoadDescription& load, double duration_s) const {
    return is_closed(load) ? closed_stretch(load, duration_s) : open_stretch(load, duration_s);
  }

  Run run_of(const LoadDescription& load, Measurement measured) const {
    Run run;
    run.target = target_.description();
    run.settings = target_.settings();
    run.load = load;
    run.load_model_s = target_.load_s();
    run.first_s = warm_up_.first_s;
    run.warm_up_s = warm_up_.duration_s;
    run.duration_s = measured.duration_s;
    run.samples = std::move(measured.samples);
    run.stage_s = measured.stage_s;
    run.cpu_s = measured.cpu_s;
    run.peak_resident_bytes = base::peak_resident_bytes();
    run.audio_s = measured.audio_s;
    if (!warm_up_.stable) run.notes.push_back("service times were not stable when the warm-up ended");
    judge(run, measured);
    if (context_.stop.stop_requested()) run.problems.push_back("stopped before its end");
    return run;
  }

  Run trial(const LoadDescription& load) const { return run_of(load, stretch(load, plan_.duration_s)); }

  /// A trial that is made again where nothing but late sends speaks against it: that is the machine's doing, not the
  /// target's.
  Run repeated_trial(const LoadDescription& load) const {
    Run run = trial(load);
    for (int again = 0; again < kMostRepetitions && run.problems.size() == 1 && were_sent_late(run); ++again) {
      run = trial(load);
    }
    return run;
  }

  /// Requests a second that one caller reaches.
  double rate_of_one_caller_hz() const { return 1 / std::max(warm_up_.service_s, kShortestService); }

 private:
  Measurement closed_stretch(const LoadDescription& load, double duration_s) const {
    ClosedLoad closed;
    closed.callers = callers_of(load);
    closed.duration_s = duration_s;
    closed.least_requests = load.kind == "closed" ? 1 : kLeastQueries;
    closed.most_requests = plan_.most_requests;
    closed.samples = samples_in_request(load);
    return run_closed(target_, closed, context_.clock, context_.stop);
  }

  Measurement open_stretch(const LoadDescription& load, double duration_s) const {
    OpenLoad open;
    open.arrivals = arrivals(load, duration_s);
    open.duration_s = duration_s;
    open.patience_s = duration_s;
    open.most_senders = plan_.most_senders;
    if (load.kind == "offline") {
      open.first_senders = callers_of(load);
      open.most_senders = std::min(open.first_senders, plan_.most_senders);
      open.duration_s = 0;
      open.patience_s = kOfflinePatience * duration_s;
    }
    return run_open(target_, open, context_.clock, context_.stop);
  }

  std::vector<Arrival> arrivals(const LoadDescription& load, double duration_s) const {
    const std::size_t most = plan_.most_requests;
    if (load.kind == "deadline") return frame_arrivals(load.streams, load.frame_rate_hz, duration_s, most);
    if (load.kind == "constant") return constant_arrivals(load.rate_hz, duration_s, most);
    if (load.kind != "offline") return poisson_arrivals(load.rate_hz, duration_s, load.seed, most);
    const double count = kOfflineSurplus * duration_s * rate_of_one_caller_hz() * static_cast<double>(callers_of(load));
    return arrivals_at_once(static_cast<std::size_t>(std::clamp(count, 1.0, static_cast<double>(most))));
  }

  Target& target_;
  const LoadPlan& plan_;
  const MeasureContext& context_;
  WarmUp warm_up_;
};

/// The run of the last trial that held, or where none did of the last that did not, with what the search found.
Run best_of(std::optional<Run> passing, std::optional<Run> failing, const std::string& found, double value) {
  if (!passing && !failing) throw Error(ErrorCode::cancelled, "stopped before anything was measured");
  Run run = passing ? *std::move(passing) : *std::move(failing);
  run.found[found] = value;
  return run;
}

Run search_streams(const Subject& subject, const LoadPlan& plan, const MeasureContext& context) {
  std::optional<Run> passing;
  std::optional<Run> failing;
  const std::size_t most = most_passing(
      [&](std::size_t streams) {
        if (context.stop.stop_requested()) return false;
        LoadDescription load = plan.load;
        load.streams = streams;
        context.progress(fmt::format("{} streams", streams));
        Run run = subject.repeated_trial(load);
        const bool passes = run.problems.empty() && late_frame_share(run) < kLateShare;
        (passes ? passing : failing) = std::move(run);
        return passes;
      },
      kMostStreams);
  Run run = best_of(std::move(passing), std::move(failing), "most_streams", static_cast<double>(most));
  if (most == 0) run.notes.push_back("one stream is more than the target can keep up with");
  return run;
}

Run search_rate(const Subject& subject, const LoadPlan& plan, const MeasureContext& context) {
  const double start = plan.load.rate_hz > 0 ? plan.load.rate_hz : kStartOfSearch * subject.rate_of_one_caller_hz();
  std::optional<Run> passing;
  std::optional<Run> failing;
  const double peak = largest_passing(start, kSearchTolerance, [&](double rate) {
    if (context.stop.stop_requested()) return false;
    LoadDescription load = plan.load;
    load.rate_hz = rate;
    context.progress(fmt::format("{:.1f} requests/s", rate));
    Run run = subject.repeated_trial(load);
    const bool passes = run.problems.empty();
    (passes ? passing : failing) = std::move(run);
    return passes;
  });
  return best_of(std::move(passing), std::move(failing), "peak_rate_hz", peak);
}

/// Which target comes when: A B, then B A, so that none is the later one on average.
std::vector<std::size_t> order_of(std::size_t slice, std::size_t targets) {
  std::vector<std::size_t> order(targets);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (slice % 2 == 1) std::reverse(order.begin(), order.end());
  return order;
}

}  // namespace

Run measure(Target& target, const LoadPlan& plan, const MeasureContext& context) {
  check(plan);
  const Subject subject(target, plan, context);
  if (plan.searches) {
    return plan.load.kind == "deadline" ? search_streams(subject, plan, context) : search_rate(subject, plan, context);
  }
  context.progress(fmt::format("measuring for {:g} s", plan.duration_s));
  return subject.trial(plan.load);
}

std::vector<Run> measure_interleaved(const std::vector<Target*>& targets, const LoadPlan& plan, std::size_t slices,
                                     const MeasureContext& context) {
  check(plan);
  require(!plan.searches, "interleaved runs", "cannot search for a peak");
  require(slices > 0, "slices", "must be at least 1");
  std::vector<Subject> subjects;
  for (Target* target : targets) subjects.emplace_back(*target, plan, context);
  std::vector<Measurement> measured(targets.size());
  std::vector<std::vector<double>> slice_ends_s(targets.size());
  for (std::size_t slice = 0; slice < slices; ++slice) {
    LoadDescription load = plan.load;
    load.seed += slice;
    for (const std::size_t i : order_of(slice, subjects.size())) {
      context.progress(fmt::format("slice {} of {}, target {}", slice + 1, slices, i + 1));
      append(measured[i], subjects[i].stretch(load, plan.duration_s / static_cast<double>(slices)));
      slice_ends_s[i].push_back(measured[i].duration_s);
    }
  }
  std::vector<Run> runs;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    runs.push_back(subjects[i].run_of(plan.load, std::move(measured[i])));
    runs.back().slice_ends_s = std::move(slice_ends_s[i]);
  }
  return runs;
}

}  // namespace vivace::bench
