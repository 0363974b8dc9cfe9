#include "bench/load_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "bench/judgement.hpp"
#include "bench/search.hpp"
#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

constexpr double kStartOfSearch = 0.5;  // of the rate that one caller reaches
constexpr double kSearchTolerance = 0.05;
constexpr std::size_t kMostStreams = 4096;

/// The trials of a search that matter: the last that held, and the last that did not, which is the one next to it.
class Trials {
 public:
  Trials(const Subject& subject, const MeasureContext& context) : subject_(subject), context_(context) {}

  /// Whether a load holds; no load does once the search is stopped.
  bool passes(const LoadDescription& load, const std::string& name) {
    if (context_.stop.stop_requested()) return false;
    context_.progress(name);
    Run run = subject_.repeated_trial(load, sample_bytes(passing_) + sample_bytes(failing_));
    const bool is_in_time = load.kind != "deadline" || (!run.samples.empty() && late_frame_share(run) < kLateShare);
    const bool holds = run.problems.empty() && is_in_time;
    if (holds) {
      passing_ = std::move(run);
    } else if (!failing_ || !run.samples.empty()) {
      failing_ = std::move(run);
      failing_name_ = name;
    }
    return holds;
  }

  Run best(const std::string& found, double value) {
    if (!passing_ && !failing_) throw Error(ErrorCode::cancelled, "stopped before anything was measured");
    Run run = passing_ ? *passing_ : *failing_;
    run.found[found] = value;
    if (failing_ && was_generator_too_slow(*failing_)) {
      run.problems.push_back(fmt::format(
          "the generator, not the target, ends the search: of {}, {:.1f} % were sent late while answers were "
          "in time; this is a lower bound",
          failing_name_, 100 * late_send_share(*failing_)));
    }
    const bool says_so = std::find(run.problems.begin(), run.problems.end(), kStopped) != run.problems.end();
    if (context_.stop.stop_requested() && !says_so) run.problems.push_back(kStopped);
    return run;
  }

 private:
  static std::size_t sample_bytes(const std::optional<Run>& run) {
    return run ? run->samples.size() * sizeof(Sample) : 0;
  }

  const Subject& subject_;
  const MeasureContext& context_;
  std::optional<Run> passing_;
  std::optional<Run> failing_;
  std::string failing_name_;
};

Run search_streams(const Subject& subject, const LoadPlan& plan, const MeasureContext& context) {
  Trials trials(subject, context);
  const auto passes = [&](std::size_t streams) {
    LoadDescription load = plan.load;
    load.streams = streams;
    return trials.passes(load, fmt::format("{} streams", streams));
  };
  const std::size_t most = most_passing(passes, kMostStreams);
  Run run = trials.best("most_streams", static_cast<double>(most));
  if (most == 0 && !was_generator_too_slow(run)) {
    run.notes.push_back("one stream is more than the target can keep up with");
  }
  return run;
}

Run search_rate(const Subject& subject, const LoadPlan& plan, const MeasureContext& context) {
  const double start = plan.load.rate_hz > 0 ? plan.load.rate_hz : kStartOfSearch * subject.rate_of_one_caller_hz();
  Trials trials(subject, context);
  const double peak = largest_passing(start, kSearchTolerance, [&](double rate) {
    LoadDescription load = plan.load;
    load.rate_hz = rate;
    return trials.passes(load, fmt::format("{:.1f} requests/s", rate));
  });
  return trials.best("peak_rate_hz", peak);
}

}  // namespace

Run search_load(const Subject& subject, const LoadPlan& plan, const MeasureContext& context) {
  return plan.load.kind == "deadline" ? search_streams(subject, plan, context) : search_rate(subject, plan, context);
}

}  // namespace vivace::bench
