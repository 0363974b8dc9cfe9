#pragma once

#include <cstddef>
#include <memory>
#include <variant>
#include <vector>

#include "bench/embed_target.hpp"
#include "bench/measure.hpp"
#include "bench/model_target.hpp"
#include "bench/result.hpp"
#include "bench/separate_target.hpp"
#include "bench/sweep.hpp"

namespace vivace::bench {

using TargetOptions = std::variant<ModelTargetOptions, EmbedTargetOptions, SeparateTargetOptions>;

std::unique_ptr<Target> open_target(const TargetOptions& options);

/// The most samples of all runs of a result together, so that its JSON can be read again.
inline constexpr std::size_t kMostKeptSamples = 12'000'000;

/// One or more targets and the load that each is put under.
struct Experiment {
  std::vector<TargetOptions> targets;  ///< more than one: interleaved
  Setting last_differs_in{};           ///< settings of the last target only, whatever is swept
  LoadPlan plan{};
  std::size_t slices = 10;  ///< of interleaved targets
};

/// Changes what a setting names: "callers", "batch", "threads", "provider", "backend", "precision", for models also
/// "workers", "max-batch" and "max-delay-us", for "separate" "workers" and no batch; then the last target to what it
/// differs in, and what is left open: graphs of installed models, numbers of threads, callers of "offline". Throws
/// Error(invalid_argument) for other names and impossible values, and as model::graph_inputs.
void apply(const Setting& setting, Experiment& experiment);

/// The experiment of every setting. Throws as `apply` and check_plan, so that nothing is measured before all is known
/// to make sense.
std::vector<Experiment> experiments_of(const Experiment& experiment, const std::vector<Setting>& settings);

/// Measures every combination. Each target is opened and asked once before, so that none pays for what a process does
/// once. A setting that cannot run becomes a run whose problem says why, unless it is the only one: then its Error is
/// thrown. One that was not begun when the experiment was stopped becomes such a run too. Throws as experiments_of.
Result run_experiment(const Experiment& experiment, const std::vector<Axis>& axes, Environment environment,
                      const MeasureContext& context);

}  // namespace vivace::bench
