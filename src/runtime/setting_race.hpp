#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "vivace/tune.hpp"

namespace vivace::runtime {

/// What one turn of a setting gave.
struct Turn {
  double rows_per_s = 0;
  double latency_s = 0;
};

struct RaceOptions {
  TuneGoal goal = TuneGoal::throughput;
  /// Measures one turn of a setting. Throws Error where it cannot run.
  std::function<Turn(const TunedSetting&)> measure;
  /// How much of the budget is used, 0 … 1; from 1 on there are no further turns.
  std::function<double()> used;
  std::function<void(double)> observe{};  ///< told `used` after each turn; may be empty
  bool exhaustive = false;                ///< nobody drops out
};

/// Lets settings take turns until the best is known or the budget is used: after the first turn those below half of the
/// best drop out, after later ones those further and further from it; they come back where the best falls. Every
/// setting has at least one turn, except where a setting that differs in the batch alone was below half of the best by
/// then. Returns the settings, best first: see tune for the rule. What `measure` throws becomes the setting's problem.
std::vector<TuneTrial> race(const std::vector<TunedSetting>& settings, const RaceOptions& options);

}  // namespace vivace::runtime
