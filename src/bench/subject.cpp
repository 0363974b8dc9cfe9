#include "bench/subject.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "bench/judgement.hpp"

namespace vivace::bench {
namespace {

constexpr std::size_t kSamplesOfMultiStream = 8;  // as LoadGen has it
constexpr double kOfflineSurplus = 1.2;           // so that it lasts as long as wanted
constexpr double kShortestService = 1e-6;         // seconds
constexpr double kOfflinePatience = 100;          // times the planned duration
constexpr int kMostRepetitions = 2;               // of a trial

/// Lets the highest resident memory count from now, where the kernel allows it.
void forget_peak_memory() { std::ofstream("/proc/self/clear_refs") << "5"; }

std::size_t samples_in_request(const LoadDescription& load) {
  return load.kind == "multi-stream" ? kSamplesOfMultiStream : 1;
}

std::size_t callers_of(const LoadDescription& load) {
  return load.kind == "closed" || load.kind == "offline" ? std::max<std::size_t>(load.concurrency, 1) : 1;
}

WarmUpOptions warm_up_options(const LoadPlan& plan) {
  WarmUpOptions options;
  options.callers = callers_of(plan.load);
  options.samples = samples_in_request(plan.load);
  options.limit_s = plan.warm_up_limit_s;
  return options;
}

}  // namespace

Subject::Subject(Target& target, const LoadPlan& plan, const MeasureContext& context)
    : target_(target), plan_(plan), context_(context) {
  context.progress("warming up");
  warm_up_ = warm_up(target, warm_up_options(plan), context.clock, context.stop);
}

Measurement Subject::stretch(const LoadDescription& load, double duration_s) const {
  return is_closed(load) ? closed_stretch(load, duration_s) : open_stretch(load, duration_s);
}

Run Subject::run_of(const LoadDescription& load, Measurement measured) const {
  Run run;
  run.target = target_.description();
  run.settings = target_.settings();
  run.load = load;
  run.load_model_s = target_.load_s();
  run.first_s = warm_up_.first_s;
  run.warm_up_s = warm_up_.duration_s;
  run.begin_unix_s = measured.begin_unix_s;
  run.duration_s = measured.duration_s;
  run.samples = std::move(measured.samples);
  run.stage_s = measured.stage_s;
  run.cpu_s = measured.cpu_s;
  run.audio_s = measured.audio_s;
  if (!warm_up_.stable) run.notes.push_back("service times were not stable when the warm-up ended");
  if (warm_up_.unseen > 0) {
    run.notes.push_back(
        fmt::format("the warm-up ended before {} of {} inputs were sent once", warm_up_.unseen, target_.inputs()));
  }
  for (std::string& note : target_.notes()) run.notes.push_back(std::move(note));
  judge(run, measured);
  if (context_.stop.stop_requested()) run.problems.push_back(kStopped);
  return run;
}

Run Subject::trial(const LoadDescription& load, std::size_t kept_bytes) const {
  forget_peak_memory();
  Measurement measured = stretch(load, plan_.duration_s);
  const std::size_t peak = measured.peak_resident_bytes;
  Run run = run_of(load, std::move(measured));
  run.peak_resident_bytes = peak - std::min(peak, kept_bytes + context_.kept_bytes);
  return run;
}

Run Subject::repeated_trial(const LoadDescription& load, std::size_t kept_bytes) const {
  Run run = trial(load, kept_bytes);
  for (int again = 0; again < kMostRepetitions && was_generator_too_slow(run); ++again) run = trial(load, kept_bytes);
  return run;
}

double Subject::rate_of_one_caller_hz() const { return 1 / std::max(warm_up_.service_s, kShortestService); }

Measurement Subject::closed_stretch(const LoadDescription& load, double duration_s) const {
  ClosedLoad closed;
  closed.callers = callers_of(load);
  closed.duration_s = duration_s;
  closed.least_requests = load.kind == "closed" ? 1 : kLeastQueries;
  closed.most_requests = plan_.most_requests;
  closed.samples = samples_in_request(load);
  return run_closed(target_, closed, context_.clock, context_.stop);
}

Measurement Subject::open_stretch(const LoadDescription& load, double duration_s) const {
  OpenLoad open;
  open.arrivals = arrivals(load, duration_s);
  open.is_cut = open.arrivals.size() >= plan_.most_requests;
  open.duration_s = open.is_cut ? open.arrivals.back().time_s : duration_s;
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

std::vector<Arrival> Subject::arrivals(const LoadDescription& load, double duration_s) const {
  const std::size_t most = plan_.most_requests;
  if (load.kind == "deadline") return frame_arrivals(load.streams, load.frame_rate_hz, duration_s, most);
  if (load.kind == "constant") return constant_arrivals(load.rate_hz, duration_s, most);
  if (load.kind != "offline") return poisson_arrivals(load.rate_hz, duration_s, load.seed, most);
  const double count = kOfflineSurplus * duration_s * rate_of_one_caller_hz() * static_cast<double>(callers_of(load));
  return arrivals_at_once(static_cast<std::size_t>(std::clamp(count, 1.0, static_cast<double>(most))));
}

}  // namespace vivace::bench
