#include "bench/experiment.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <malloc.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "bench/judgement.hpp"
#include "runtime/placement.hpp"

namespace vivace::bench {
namespace {

std::string description_of(const TargetOptions& target) {
  if (const auto* model = std::get_if<ModelTargetOptions>(&target)) return "model " + model->name;
  if (const auto* separate = std::get_if<SeparateTargetOptions>(&target)) return "separate " + separate->name;
  return "embed " + std::get<EmbedTargetOptions>(target).name;
}

/// Does what a process does once, such as loading libraries and getting memory, and what a machine does once, such as
/// keeping optimized graphs. Gives the time that loading took then.
double prime(TargetOptions options) {
  if (auto* model = std::get_if<ModelTargetOptions>(&options)) model->engine.trace.clear();
  const std::unique_ptr<Target> target = open_target(options);
  target->send(0, 1);
  return target->load_s();
}

std::vector<Run> measure_all(const std::vector<std::unique_ptr<Target>>& targets, const Experiment& experiment,
                             const MeasureContext& context) {
  if (targets.size() == 1) return {measure(*targets.front(), experiment.plan, context)};
  std::vector<Target*> borrowed;
  for (const auto& target : targets) borrowed.push_back(target.get());
  return measure_interleaved(borrowed, experiment.plan, experiment.slices, context);
}

/// Runs that say why they are none.
std::vector<Run> unmeasured_runs(const Experiment& experiment, const Setting& setting, const std::string& problem) {
  std::vector<Run> runs;
  for (const TargetOptions& target : experiment.targets) {
    Run run;
    run.target = description_of(target);
    run.settings = {setting.begin(), setting.end()};
    run.load = experiment.plan.load;
    run.problems = {problem};
    runs.push_back(std::move(run));
  }
  return runs;
}

/// A trace is of its own runs: what it costs is in every figure.
void mark_profiled(Run& run, const TargetOptions& options) {
  const auto* model = std::get_if<ModelTargetOptions>(&options);
  if (model == nullptr || model->engine.trace.empty()) return;
  run.settings["profiled"] = "yes";
  run.notes.push_back(
      "measured with --profile: the trace takes time and memory, of small models several times what they take "
      "themselves; measure again without it");
}

/// What of a target is known once it is measured.
void describe(Run& run, const Target& target, const TargetOptions& options) {
  mark_profiled(run, options);
  run.model_sha256 = target.model_sha256();
  run.input_sha256 = target.input_sha256();
  const bool counts_tracks = run.load.concurrency > 0 && std::holds_alternative<EmbedTargetOptions>(options);
  if (counts_tracks) run.settings["threads"] = std::to_string(run.load.concurrency);
}

std::vector<Run> run_setting(const Experiment& experiment, std::size_t settings_before, const MeasureContext& context) {
  ::malloc_trim(0);
  context.progress("loading");
  std::vector<double> first_load_s;
  for (const TargetOptions& options : experiment.targets) first_load_s.push_back(prime(options));
  std::vector<std::unique_ptr<Target>> targets;
  for (const TargetOptions& options : experiment.targets) targets.push_back(open_target(options));
  std::vector<Run> runs = measure_all(targets, experiment, context);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    runs[i].cold_load_s = settings_before == 0 && i == 0 ? first_load_s[i] : 0;
    describe(runs[i], *targets[i], experiment.targets[i]);
  }
  return runs;
}

/// Two targets of one experiment may have one name and differ in their settings.
std::string name_of(const std::vector<Run>& runs, std::size_t i, const Setting& setting, const Setting& differs_in) {
  if (runs.size() == 1) return to_text(setting);
  std::vector<std::string> parts{fmt::format("{}: {}", static_cast<char>('A' + i), runs[i].target)};
  if (i + 1 == runs.size() && !differs_in.empty()) parts.push_back(to_text(differs_in));
  if (!setting.empty()) parts.push_back(to_text(setting));
  return fmt::format("{}", fmt::join(parts, " "));
}

/// The version of every backend that ran.
void note_backends(const std::vector<Run>& runs, Environment& environment) {
  for (const auto& candidate : runtime::candidates()) {
    const auto ran_on = [&](const Run& run) {
      const auto backend = run.settings.find("backend");
      return !run.samples.empty() && backend != run.settings.end() && backend->second == candidate->backend();
    };
    if (std::none_of(runs.begin(), runs.end(), ran_on)) continue;
    if (const std::string version = candidate->version(); !version.empty()) {
      environment.libraries[candidate->backend()] = version;
    }
  }
}

/// The runs of one setting, measured or not.
std::vector<Run> runs_of(const Experiment& experiment, const Setting& setting, std::size_t settings_before,
                         bool is_only_one, const MeasureContext& context) {
  if (context.stop.stop_requested()) return unmeasured_runs(experiment, setting, kStopped);
  try {
    return run_setting(experiment, settings_before, context);
  } catch (const Error& error) {
    if (is_only_one) throw;
    return unmeasured_runs(experiment, setting, std::string(kCouldNotRun) + error.what());
  }
}

/// With the hash of its tracks, which is the same for all settings.
Experiment with_hashes(Experiment experiment) {
  for (TargetOptions& target : experiment.targets) {
    if (auto* embed = std::get_if<EmbedTargetOptions>(&target)) embed->input_sha256 = sha256_of_tracks(embed->tracks);
    if (auto* separate = std::get_if<SeparateTargetOptions>(&target)) {
      separate->input_sha256 = sha256_of_tracks(separate->tracks);
    }
  }
  return experiment;
}

std::size_t sample_bytes(const std::vector<Run>& runs) {
  std::size_t bytes = 0;
  for (const Run& run : runs) bytes += run.samples.size() * sizeof(Sample);
  return bytes;
}

}  // namespace

std::unique_ptr<Target> open_target(const TargetOptions& options) {
  if (const auto* model = std::get_if<ModelTargetOptions>(&options)) return open_model_target(*model);
  if (const auto* separate = std::get_if<SeparateTargetOptions>(&options)) return open_separate_target(*separate);
  return open_embed_target(std::get<EmbedTargetOptions>(options));
}

Result run_experiment(const Experiment& experiment, const std::vector<Axis>& axes, Environment environment,
                      const MeasureContext& context) {
  const std::vector<Setting> settings = combinations(axes);
  const std::vector<Experiment> experiments = experiments_of(with_hashes(experiment), settings);
  Result result;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const std::string text = to_text(settings[i]);
    MeasureContext named = context;
    named.kept_bytes = sample_bytes(result.runs);
    named.progress = [&](const std::string& what) { context.progress(text.empty() ? what : text + ": " + what); };
    std::vector<Run> runs = runs_of(experiments[i], settings[i], i, settings.size() == 1, named);
    for (std::size_t k = 0; k < runs.size(); ++k) {
      runs[k].name = name_of(runs, k, settings[i], experiment.last_differs_in);
      runs[k].settings_before = i;
    }
    std::move(runs.begin(), runs.end(), std::back_inserter(result.runs));
  }
  note_backends(result.runs, environment);
  result.environment = std::move(environment);
  return result;
}

}  // namespace vivace::bench
