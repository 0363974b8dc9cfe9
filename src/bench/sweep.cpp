#include "bench/sweep.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace vivace::bench {
namespace {

constexpr std::size_t kLargestNumber = 1'000'000'000;
constexpr std::size_t kMostCallers = 10'000;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::size_t number_of(const std::string& name, const std::string& value, std::size_t least = 0,
                      std::size_t most = kLargestNumber) {
  std::size_t number = 0;
  const auto [rest, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (problem == std::errc() && rest == value.data() + value.size() && number >= least && number <= most) return number;
  throw Error(ErrorCode::invalid_argument, name,
              fmt::format("'{}' is not a whole number from {} to {}", value, least, most));
}

std::size_t callers_of(const std::string& name, const std::string& value) {
  return number_of(name, value, 1, kMostCallers);
}

PlacementOptions& placement_of(TargetOptions& target) {
  if (auto* model = std::get_if<ModelTargetOptions>(&target)) return model->engine.placement;
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
    model.inputs.batch = number_of(name, value);
  } else if (name == "threads") {
    model.engine.threads.intra_op = number_of(name, value);
  } else if (name == "workers") {
    model.engine.threads.workers = number_of(name, value);
  } else if (name == "max-batch") {
    model.engine.max_batch = number_of(name, value);
  } else if (name == "max-delay-us") {
    model.engine.max_delay = std::chrono::microseconds(number_of(name, value));
  } else {
    return false;
  }
  return true;
}

bool apply_to_embedder(const std::string& name, const std::string& value, Experiment& experiment,
                       EmbedTargetOptions& embedder) {
  if (name == "batch") {
    embedder.embed.batch = number_of(name, value);
  } else if (name == "threads") {
    experiment.plan.load.concurrency = callers_of(name, value);
  } else {
    return false;
  }
  return true;
}

bool apply_to(TargetOptions& target, const std::string& name, const std::string& value, Experiment& experiment) {
  if (apply_to_placement(name, value, placement_of(target))) return true;
  if (auto* model = std::get_if<ModelTargetOptions>(&target)) return apply_to_model(name, value, *model);
  return apply_to_embedder(name, value, experiment, std::get<EmbedTargetOptions>(target));
}

std::string description_of(const TargetOptions& target) {
  if (const auto* model = std::get_if<ModelTargetOptions>(&target)) return "model " + model->name;
  return "embed " + std::get<EmbedTargetOptions>(target).name;
}

std::vector<Run> measure_all(const std::vector<std::unique_ptr<Target>>& targets, const Experiment& experiment,
                             const MeasureContext& context) {
  if (targets.size() == 1) return {measure(*targets.front(), experiment.plan, context)};
  std::vector<Target*> borrowed;
  for (const auto& target : targets) borrowed.push_back(target.get());
  return measure_interleaved(borrowed, experiment.plan, experiment.slices, context);
}

/// Runs that say why they are none.
std::vector<Run> failed_runs(const Experiment& experiment, const Setting& setting, const std::string& reason) {
  std::vector<Run> runs;
  for (const TargetOptions& target : experiment.targets) {
    Run run;
    run.target = description_of(target);
    run.settings = {setting.begin(), setting.end()};
    run.load = experiment.plan.load;
    run.problems = {"could not run: " + reason};
    runs.push_back(std::move(run));
  }
  return runs;
}

/// Measures one setting and notes what was measured in the environment.
std::vector<Run> run_setting(const Experiment& experiment, Environment& environment, const MeasureContext& context) {
  context.progress("loading");
  std::vector<std::unique_ptr<Target>> targets;
  for (const TargetOptions& target : experiment.targets) targets.push_back(open_target(target));
  std::vector<Run> runs = measure_all(targets, experiment, context);
  if (environment.input_sha256.empty()) {
    environment.model_sha256 = targets.front()->model_sha256();
    environment.input_sha256 = targets.front()->input_sha256();
  }
  return runs;
}

/// Two targets of one experiment may have one name and differ in their settings.
void name_runs(std::vector<Run>& runs, const Setting& setting) {
  for (std::size_t i = 0; i < runs.size(); ++i) {
    runs[i].name = to_text(setting);
    if (runs.size() == 1) continue;
    const std::string target = fmt::format("{}: {}", static_cast<char>('A' + i), runs[i].target);
    runs[i].name = runs[i].name.empty() ? target : fmt::format("{} {}", target, runs[i].name);
  }
}

}  // namespace

Axis parse_axis(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw Error(ErrorCode::invalid_argument, text, "is no sweep; write it as batch=1,2,4");
  }
  Axis axis{text.substr(0, equals), split(text.substr(equals + 1), ',')};
  if (std::any_of(axis.values.begin(), axis.values.end(), [](const auto& value) { return value.empty(); })) {
    throw Error(ErrorCode::invalid_argument, text, "has an empty value");
  }
  return axis;
}

std::vector<Setting> combinations(const std::vector<Axis>& axes) {
  std::vector<Setting> settings{{}};
  for (const Axis& axis : axes) {
    std::vector<Setting> longer;
    for (const Setting& setting : settings) {
      for (const std::string& value : axis.values) {
        longer.push_back(setting);
        longer.back().emplace_back(axis.name, value);
      }
    }
    settings = std::move(longer);
  }
  return settings;
}

std::string to_text(const Setting& setting) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : setting) parts.push_back(name + "=" + value);
  return fmt::format("{}", fmt::join(parts, " "));
}

std::unique_ptr<Target> open_target(const TargetOptions& options) {
  if (const auto* model = std::get_if<ModelTargetOptions>(&options)) return open_model_target(*model);
  return open_embed_target(std::get<EmbedTargetOptions>(options));
}

void apply(const Setting& setting, Experiment& experiment) {
  for (const auto& [name, value] : setting) {
    if (name == "callers") {
      experiment.plan.load.concurrency = callers_of(name, value);
      continue;
    }
    for (TargetOptions& target : experiment.targets) {
      if (apply_to(target, name, value, experiment)) continue;
      throw Error(ErrorCode::invalid_argument, name,
                  "cannot be swept here; callers, batch, threads, provider, backend and precision can, for models also "
                  "workers, max-batch and max-delay-us");
    }
  }
}

Result run_experiment(const Experiment& experiment, const std::vector<Axis>& axes, Environment environment,
                      const MeasureContext& context) {
  const std::vector<Setting> settings = combinations(axes);
  Result result;
  for (const Setting& setting : settings) {
    if (context.stop.stop_requested()) break;
    Experiment one = experiment;
    apply(setting, one);
    const MeasureContext named{context.clock, context.stop, [&](const std::string& what) {
                                 context.progress(setting.empty() ? what : to_text(setting) + ": " + what);
                               }};
    std::vector<Run> runs;
    try {
      runs = run_setting(one, environment, named);
    } catch (const Error& error) {
      if (settings.size() == 1) throw;
      runs = failed_runs(one, setting, error.what());
    }
    name_runs(runs, setting);
    std::move(runs.begin(), runs.end(), std::back_inserter(result.runs));
  }
  result.environment = std::move(environment);
  return result;
}

}  // namespace vivace::bench
