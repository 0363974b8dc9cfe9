#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "bench/clock.hpp"
#include "bench/judgement.hpp"
#include "bench/load.hpp"
#include "bench/result.hpp"
#include "bench/target.hpp"

namespace vivace::bench {

/// What to measure a target with.
struct LoadPlan {
  LoadDescription load{};
  double duration_s = 10;  ///< of the measured stretch, and of each trial of a search
  double warm_up_limit_s = 10;
  std::size_t most_requests = kMostRequests;
  std::size_t most_senders = 256;  ///< of an open load
  /// Looks for the most that holds: streams of "deadline" with less than kLateShare late frames, or the rate of the
  /// other open loads with p99 of the response time within the bound. `rate_hz` is then where to start; 0: the plan's
  /// own choice.
  bool searches = false;
};

/// What goes along with every measurement.
struct MeasureContext {
  Clock& clock;
  std::stop_token stop{};
  std::function<void(const std::string&)> progress = [](const std::string&) {};  ///< is told what is under way
  std::size_t kept_bytes = 0;  ///< held by samples of earlier runs: no memory of the target
};

/// Throws Error(invalid_argument) for a plan that makes no sense for so many targets; more than one are interleaved.
void check_plan(const LoadPlan& plan, std::size_t targets);

/// Warms a target up and measures it. Throws Error: invalid_argument (a plan that makes no sense), and what the first
/// request throws.
Run measure(Target& target, const LoadPlan& plan, const MeasureContext& context);

/// Measures several targets in turn, in `slices` slices each, A B B A A B …, so that what changes on the machine meets
/// all alike, also where it changes steadily; one run a target, in their order, which says where its slices end. For
/// loads without a search.
std::vector<Run> measure_interleaved(const std::vector<Target*>& targets, const LoadPlan& plan, std::size_t slices,
                                     const MeasureContext& context);

}  // namespace vivace::bench
