#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bench/embed_target.hpp"
#include "bench/measure.hpp"
#include "bench/model_target.hpp"

namespace vivace::bench {

/// A setting and the values that it takes.
struct Axis {
  std::string name;
  std::vector<std::string> values;
};

/// Settings with a value each, in the order of the axes.
using Setting = std::vector<std::pair<std::string, std::string>>;

/// Reads "batch=1,2,4". Throws Error(invalid_argument).
Axis parse_axis(const std::string& text);

/// Every combination of values, the last axis changing fastest; one empty setting without axes.
std::vector<Setting> combinations(const std::vector<Axis>& axes);

/// "batch=4 threads=1"; empty for no setting.
std::string to_text(const Setting& setting);

using TargetOptions = std::variant<ModelTargetOptions, EmbedTargetOptions>;

std::unique_ptr<Target> open_target(const TargetOptions& options);

/// One or more targets and the load that each is put under.
struct Experiment {
  std::vector<TargetOptions> targets;  ///< more than one: interleaved
  LoadPlan plan{};
  std::size_t slices = 10;  ///< of interleaved targets
};

/// Changes what a setting names: "callers", "batch", "threads", "provider", "backend", "precision", for models also
/// "workers", "max-batch" and "max-delay-us". Throws Error(invalid_argument) for other names and impossible values.
void apply(const Setting& setting, Experiment& experiment);

/// Measures every combination. One that cannot run becomes a run whose problem says why, unless it is the only one:
/// then its Error is thrown. Hashes of model and inputs in the environment are those of the first target that ran.
Result run_experiment(const Experiment& experiment, const std::vector<Axis>& axes, Environment environment,
                      const MeasureContext& context);

}  // namespace vivace::bench
