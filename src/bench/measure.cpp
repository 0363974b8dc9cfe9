#include "bench/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "bench/judgement.hpp"
#include "bench/load.hpp"
#include "bench/load_search.hpp"
#include "bench/subject.hpp"
#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

void require(bool holds, const char* what, const char* problem) {
  if (!holds) throw Error(ErrorCode::invalid_argument, what, problem);
}

/// Which target comes when: A B, then B A, so that none is the later one on average.
std::vector<std::size_t> order_of(std::size_t slice, std::size_t targets) {
  std::vector<std::size_t> order(targets);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (slice % 2 == 1) std::reverse(order.begin(), order.end());
  return order;
}

}  // namespace

void check_plan(const LoadPlan& plan, std::size_t targets) {
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
  require(targets == 1 || !plan.searches, "interleaved targets",
          "cannot be searched for a peak; measure each on its own");
}

Run measure(Target& target, const LoadPlan& plan, const MeasureContext& context) {
  check_plan(plan, 1);
  const Subject subject(target, plan, context);
  if (!plan.searches) context.progress(fmt::format("measuring for {:g} s", plan.duration_s));
  Run run = plan.searches ? search_load(subject, plan, context) : subject.trial(plan.load, 0);
  judge_length(run, plan.most_requests);
  return run;
}

std::vector<Run> measure_interleaved(const std::vector<Target*>& targets, const LoadPlan& plan, std::size_t slices,
                                     const MeasureContext& context) {
  check_plan(plan, targets.size());
  require(slices > 0, "slices", "must be at least 1");
  LoadPlan part = plan;
  part.duration_s /= static_cast<double>(slices);
  part.most_requests = std::max<std::size_t>(part.most_requests / slices, 1);
  std::vector<Subject> subjects;
  for (Target* target : targets) subjects.emplace_back(*target, part, context);
  std::vector<Measurement> measured(targets.size());
  std::vector<std::vector<double>> slice_ends_s(targets.size());
  for (std::size_t slice = 0; slice < slices; ++slice) {
    LoadDescription load = plan.load;
    load.seed += slice;
    for (const std::size_t i : order_of(slice, subjects.size())) {
      context.progress(fmt::format("slice {} of {}, target {}", slice + 1, slices, i + 1));
      append(measured[i], subjects[i].stretch(load, part.duration_s));
      slice_ends_s[i].push_back(measured[i].duration_s);
    }
  }
  std::vector<Run> runs;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    runs.push_back(subjects[i].run_of(plan.load, std::move(measured[i])));
    runs.back().slice_ends_s = std::move(slice_ends_s[i]);
    judge_length(runs.back(), part.most_requests * slices);
  }
  return runs;
}

}  // namespace vivace::bench
