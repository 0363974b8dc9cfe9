#include "bench/merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "bench/experiment.hpp"
#include "bench/judgement.hpp"
#include "bench/match.hpp"
#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

constexpr double kLeastCommonShare = 0.5;
constexpr const char* kGenerators = "generators";

/// A run and the result that it is from.
struct Part {
  const Run* run = nullptr;
  const NamedResult* result = nullptr;
};

[[noreturn]] void refuse(const Part& part, const std::string& problem) {
  throw Error(ErrorCode::invalid_argument, part.result->name, fmt::format("run '{}' {}", label_of(*part.run), problem));
}

bool has_random_arrivals(const LoadDescription& load) { return load.kind == "poisson" || load.kind == "server"; }

/// Whether a run can be one of several that make one load.
void require_mergeable(const Part& part) {
  const Run& run = *part.run;
  if (run.begin_unix_s <= 0) refuse(part, "does not say when it began; measure it again with this version");
  if (run.samples.empty()) refuse(part, "has no requests");
  if (run.settings.contains(kGenerators)) {
    refuse(part, "is merged already, and might hold one of the others; merge all parts at once");
  }
  if (!run.slice_ends_s.empty()) refuse(part, "was made in turn with another one, and cannot be merged");
  if (run.found.contains("peak_rate_hz") || run.found.contains("most_streams")) {
    refuse(part, "is of a search, whose trials are not at the same time; measure a fixed load");
  }
  if (run.load.kind == "single-stream" || run.load.kind == "multi-stream") {
    refuse(part, "is of a scenario with one query at a time, of which there is one");
  }
}

bool is_one_sample(const Sample& a, const Sample& b) {
  return a.intended_s == b.intended_s && a.sent_s == b.sent_s && a.done_s == b.done_s;
}

/// Whether two parts are copies of one. That they began at the same instant says nothing: processes do so.
bool are_one_measurement(const Part& a, const Part& b) {
  return std::ranges::equal(a.run->samples, b.run->samples, is_one_sample);
}

void require_alike(const Part& first, const Part& part) {
  const Run& a = *first.run;
  const Run& b = *part.run;
  require_mergeable(part);
  if (are_one_measurement(first, part)) {
    refuse(part,
           fmt::format("is the measurement that is in {} too; merge those of different processes", first.result->name));
  }
  if (a.load.kind != b.load.kind || a.load.frame_rate_hz != b.load.frame_rate_hz ||
      a.load.latency_bound_s != b.load.latency_bound_s) {
    refuse(part, "is of another load than in " + first.result->name);
  }
  if (a.target != b.target || a.settings != b.settings || a.model_sha256 != b.model_sha256) {
    refuse(part, fmt::format("differs from that in {} in target, settings or model", first.result->name));
  }
  if (has_random_arrivals(a.load) && a.load.seed == b.load.seed) {
    refuse(part, fmt::format("has the arrivals of that in {}; give each its own --seed", first.result->name));
  }
}

/// A stretch of Unix time.
struct Stretch {
  double begin = 0;
  double end = std::numeric_limits<double>::infinity();
};

/// The time in which all parts were measured.
Stretch common_stretch(const std::vector<Part>& parts) {
  Stretch common;
  double longest = 0;
  for (const Part& part : parts) {
    common.begin = std::max(common.begin, part.run->begin_unix_s);
    common.end = std::min(common.end, part.run->begin_unix_s + part.run->duration_s);
    longest = std::max(longest, part.run->duration_s);
  }
  const double share = std::max(common.end - common.begin, 0.0) / longest;
  if (share >= kLeastCommonShare) return common;
  refuse(parts.back(), fmt::format("was at the same time as those in other results for {:.0f} % of the duration only; "
                                   "start all at once",
                                   100 * share));
}

/// Adds the requests of a part that were to be sent within the stretch, on its clock. Gives the share that these are.
double add_samples(Run& whole, const Run& part, const Stretch& stretch) {
  constexpr double kRounding = 1e-6;  // of Unix times
  const double shift = part.begin_unix_s - stretch.begin;
  const double duration = stretch.end - stretch.begin;
  std::uint32_t first_stream = 0;
  for (const Sample& sample : whole.samples) first_stream = std::max(first_stream, sample.stream + 1);
  std::size_t added = 0;
  for (Sample sample : part.samples) {
    sample.intended_s += shift;
    sample.sent_s += shift;
    sample.done_s += shift;
    sample.stream += first_stream;
    if (sample.intended_s < -kRounding || sample.intended_s >= duration + kRounding) continue;
    whole.samples.push_back(sample);
    ++added;
  }
  return static_cast<double>(added) / static_cast<double>(part.samples.size());
}

void add_part(Run& whole, const Part& part, const Stretch& stretch) {
  const Run& run = *part.run;
  const double share = add_samples(whole, run, stretch);
  whole.load.concurrency += run.load.concurrency;
  whole.load.rate_hz += run.load.rate_hz;
  whole.load.streams += run.load.streams;
  whole.settings_before = std::max(whole.settings_before, run.settings_before);
  whole.cold_load_s = std::max(whole.cold_load_s, run.cold_load_s);
  whole.load_model_s = std::max(whole.load_model_s, run.load_model_s);
  whole.first_s = std::max(whole.first_s, run.first_s);
  whole.warm_up_s = std::max(whole.warm_up_s, run.warm_up_s);
  for (const auto& [stage, seconds] : run.stage_s) whole.stage_s[stage] += share * seconds;
  whole.cpu_s += share * run.cpu_s;
  whole.audio_s += share * run.audio_s;
  whole.peak_resident_bytes += run.peak_resident_bytes;
  if (whole.input_sha256 != run.input_sha256) whole.input_sha256.clear();
  for (const std::string& problem : run.problems) whole.problems.push_back(part.result->name + ": " + problem);
  for (const std::string& note : run.notes) whole.notes.push_back(part.result->name + ": " + note);
  if (share < 1) {
    whole.notes.push_back(fmt::format("{}: {:.1f} % of the requests were before or after those of others, and left out",
                                      part.result->name, 100 * (1 - share)));
  }
}

/// What is of all parts alike, and nothing of what adds up.
Run empty_whole(const Part& first, const Stretch& stretch) {
  Run whole;
  whole.name = first.run->name;
  whole.target = first.run->target;
  whole.settings = first.run->settings;
  whole.model_sha256 = first.run->model_sha256;
  whole.input_sha256 = first.run->input_sha256;
  whole.load = first.run->load;
  whole.load.concurrency = 0;
  whole.load.rate_hz = 0;
  whole.load.streams = 0;
  whole.begin_unix_s = stretch.begin;
  return whole;
}

Run merge_runs(const std::vector<Part>& parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    require_mergeable(parts[i]);
    for (std::size_t k = 0; k < i; ++k) require_alike(parts[k], parts[i]);
  }
  const Stretch stretch = common_stretch(parts);
  Run whole = empty_whole(parts.front(), stretch);
  for (const Part& part : parts) add_part(whole, part, stretch);
  std::stable_sort(whole.samples.begin(), whole.samples.end(),
                   [](const Sample& a, const Sample& b) { return a.intended_s < b.intended_s; });
  for (Sample& sample : whole.samples) {
    sample.intended_s = std::max(sample.intended_s, 0.0);
    sample.sent_s = std::max(sample.sent_s, 0.0);
    sample.done_s = std::max(sample.done_s, 0.0);
  }
  whole.duration_s = stretch.end - stretch.begin;
  for (const Sample& sample : whole.samples) whole.duration_s = std::max(whole.duration_s, sample.done_s);
  whole.settings[kGenerators] = std::to_string(parts.size());
  Measurement measured;
  measured.first_failure = "see the parts";
  judge(whole, measured);
  judge_length(whole, kMostRequests);
  return whole;
}

/// The runs of all results that belong to one of the first.
std::vector<Part> parts_of(const Run& first, const std::vector<NamedResult>& results,
                           const std::vector<RunMatch>& matches) {
  std::vector<Part> parts{{&first, &results.front()}};
  for (std::size_t i = 0; i < matches.size(); ++i) {
    const auto& pairs = matches[i].pairs;
    const auto pair = std::find_if(pairs.begin(), pairs.end(), [&](const RunPair& p) { return p.base == &first; });
    parts.push_back({pair->other, &results[i + 1]});
  }
  return parts;
}

std::vector<RunMatch> matches_of(const std::vector<NamedResult>& results) {
  std::vector<RunMatch> matches;
  for (std::size_t i = 1; i < results.size(); ++i) {
    RunMatch match = match_runs(results.front().result.runs, results[i].result.runs);
    for (const auto* left : {&match.only_in_base, &match.only_in_other}) {
      if (left->empty()) continue;
      throw Error(ErrorCode::invalid_argument, results[i].name,
                  fmt::format("run '{}' has no partner in it or in {}; merge results of one command", left->front(),
                              results.front().name));
    }
    matches.push_back(std::move(match));
  }
  return matches;
}

void require_few_enough(const std::vector<NamedResult>& results) {
  std::size_t samples = 0;
  for (const NamedResult& result : results) {
    for (const Run& run : result.result.runs) samples += run.samples.size();
  }
  if (samples <= kMostKeptSamples) return;
  throw Error(ErrorCode::resource_exhausted, results.front().name,
              fmt::format("and the others have {} requests together, a result holds {}; measure for a shorter time",
                          samples, kMostKeptSamples));
}

}  // namespace

Result merge_results(const std::vector<NamedResult>& results) {
  if (results.size() < 2) throw Error(ErrorCode::invalid_argument, "merge", "needs two results or more");
  require_few_enough(results);
  const std::vector<RunMatch> matches = matches_of(results);
  Result merged;
  merged.environment = results.front().result.environment;
  for (const Run& run : results.front().result.runs) {
    merged.runs.push_back(merge_runs(parts_of(run, results, matches)));
    for (std::size_t i = 1; i < results.size(); ++i) {
      for (const std::string& text : environment_differences(merged.environment, results[i].result.environment)) {
        merged.runs.back().notes.push_back(fmt::format("{} differs in {}", results[i].name, text));
      }
    }
  }
  return merged;
}

}  // namespace vivace::bench
