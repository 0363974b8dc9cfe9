#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/machine.hpp"
#include "bench/experiment.hpp"
#include "model/input_shape.hpp"
#include "runtime/loaded_model.hpp"

namespace vivace::bench {
namespace {

constexpr std::size_t kLargestNumber = 1'000'000'000;
constexpr std::size_t kMostCallers = 10'000;
constexpr std::size_t kMostThreads = 256;  // of a track that is separated

std::size_t number_of(const std::string& name, const std::string& value, std::size_t least, std::size_t most) {
  std::size_t number = 0;
  const auto [rest, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (problem == std::errc() && rest == value.data() + value.size() && number >= least && number <= most) return number;
  throw Error(ErrorCode::invalid_argument, name,
              fmt::format("'{}' is not a whole number from {} to {}", value, least, most));
}

PlacementOptions& placement_of(TargetOptions& target) {
  if (auto* model = std::get_if<ModelTargetOptions>(&target)) return model->engine.placement;
  if (auto* separate = std::get_if<SeparateTargetOptions>(&target)) return separate->separate.placement;
  return std::get<EmbedTargetOptions>(target).embed.placement;
}

bool apply_to_placement(const std::string& name, const std::string& value, PlacementOptions& placement) {
  if (name == "backend") {
    placement.backend = value;
  } else if (name == "provider") {
    placement.provider = value;
  } else if (name == "precision") {
    placement.precision = value;
  } else {
    return false;
  }
  return true;
}

bool apply_to_model(const std::string& name, const std::string& value, ModelTargetOptions& model) {
  if (name == "batch") {
    model.inputs.batch = number_of(name, value, 1, EngineOptions::kMostRows);
  } else if (name == "threads") {
    model.engine.threads.intra_op = number_of(name, value, 0, kLargestNumber);
  } else if (name == "workers") {
    model.engine.threads.workers = number_of(name, value, 0, kLargestNumber);
  } else if (name == "max-batch") {
    model.engine.max_batch = number_of(name, value, 1, EngineOptions::kMostRows);
  } else if (name == "max-delay-us") {
    model.engine.max_delay = std::chrono::microseconds(number_of(name, value, 0, kLargestNumber));
  } else {
    return false;
  }
  return true;
}

bool apply_to_embed(const std::string& name, const std::string& value, EmbedTargetOptions& embed) {
  if (name != "batch") return false;
  embed.embed.batch = number_of(name, value, 1, EngineOptions::kMostRows);
  return true;
}

bool apply_to_separate(const std::string& name, const std::string& value, SeparateTargetOptions& separate) {
  if (name == "threads") {
    separate.separate.threads = number_of(name, value, 1, kMostThreads);
  } else if (name == "workers") {
    separate.separate.workers = number_of(name, value, 0, kMostThreads);
  } else {
    return false;
  }
  return true;
}

void apply_to_target(const std::string& name, const std::string& value, TargetOptions& target) {
  if (apply_to_placement(name, value, placement_of(target))) return;
  auto* model = std::get_if<ModelTargetOptions>(&target);
  auto* embed = std::get_if<EmbedTargetOptions>(&target);
  auto* separate = std::get_if<SeparateTargetOptions>(&target);
  if (model != nullptr && apply_to_model(name, value, *model)) return;
  if (embed != nullptr && apply_to_embed(name, value, *embed)) return;
  if (separate != nullptr && apply_to_separate(name, value, *separate)) return;
  throw Error(ErrorCode::invalid_argument, name,
              "cannot be set here; callers, batch, threads, provider, backend and precision can, for models also "
              "workers, max-batch and max-delay-us, for separate workers and no batch");
}

/// Of "embed" these are tracks at a time: callers of its load.
bool is_threads_of_embed(const std::string& name, const Experiment& experiment) {
  return name == "threads" && std::holds_alternative<EmbedTargetOptions>(experiment.targets.front());
}

/// Enough callers for every worker to find its next full batch waiting; of pipelines, as many as there are cores.
std::size_t callers_of_offline(const TargetOptions& target) {
  const std::size_t cores = base::usable_cores(base::read_machine());
  const auto* model = std::get_if<ModelTargetOptions>(&target);
  return model == nullptr ? cores : 2 * model->engine.threads.workers * model->engine.max_batch;
}

/// The graph that the model has for the backend.
void settle_graph(TargetOptions& target) {
  auto* model = std::get_if<ModelTargetOptions>(&target);
  if (model == nullptr || model->installed.empty()) return;
  model->engine.model = model::graph_inputs(model->installed, 1, model->engine.placement.backend).graph;
}

/// Engines that are open at a time would share the cores, each as many as are left; but only one is measured at a time.
void settle_threads(TargetOptions& target) {
  if (auto* model = std::get_if<ModelTargetOptions>(&target)) {
    model->engine.threads = runtime::settled_threads(model->engine);
  }
}

}  // namespace

void apply(const Setting& setting, Experiment& experiment) {
  LoadDescription& load = experiment.plan.load;
  for (const auto& [name, value] : setting) {
    if (name == "callers" || is_threads_of_embed(name, experiment)) {
      load.concurrency = number_of(name, value, 1, kMostCallers);
      continue;
    }
    for (TargetOptions& target : experiment.targets) apply_to_target(name, value, target);
  }
  for (const auto& [name, value] : experiment.last_differs_in) {
    apply_to_target(name, value, experiment.targets.back());
  }
  for (TargetOptions& target : experiment.targets) {
    settle_graph(target);
    settle_threads(target);
  }
  if (load.kind != "offline" || load.concurrency > 0) return;
  for (const TargetOptions& target : experiment.targets) {
    load.concurrency = std::max(load.concurrency, callers_of_offline(target));
  }
  load.concurrency = std::min(load.concurrency, experiment.plan.most_senders);
}

std::vector<Experiment> experiments_of(const Experiment& experiment, const std::vector<Setting>& settings) {
  const std::size_t runs = settings.size() * experiment.targets.size();
  std::vector<Experiment> experiments;
  for (const Setting& setting : settings) {
    Experiment& one = experiments.emplace_back(experiment);
    one.plan.most_requests = std::clamp<std::size_t>(kMostKeptSamples / runs, 1, experiment.plan.most_requests);
    apply(setting, one);
    check_plan(one.plan, one.targets.size());
  }
  return experiments;
}

}  // namespace vivace::bench
