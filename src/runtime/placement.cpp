#include "runtime/placement.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "runtime/backend_module.hpp"
#include "runtime/graph_file.hpp"
#include "runtime/onnxruntime_arena.hpp"
#include "runtime/onnxruntime_candidate.hpp"
#include "runtime/quantized_graph.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

using Candidates = std::vector<std::shared_ptr<const Candidate>>;

/// Whether all is left to us; what is named, and lower precisions, open the way to every candidate.
bool asks_for_nothing(const PlacementOptions& wanted) {
  return wanted.backend == "auto" && wanted.provider == "auto" &&
         (wanted.precision == "auto" || wanted.precision == "fp32");
}

bool matches(const PlacementOptions& wanted, const Candidate& candidate) {
  if (asks_for_nothing(wanted)) return candidate.is_automatic();
  return (wanted.backend == "auto" || wanted.backend == candidate.backend()) &&
         (wanted.provider == "auto" || candidate.answers_to(wanted.provider));
}

void check_names(const SessionOptions& options) {
  const std::string& layout = options.placement.layout;
  if (layout != "auto" && layout != "plain" && layout != "blocked") {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("there is no layout '{}'; there are auto, plain, blocked", layout));
  }
  const std::string& precision = options.placement.precision;
  const auto& known = known_precisions();
  if (std::find(known.begin(), known.end(), precision) == known.end()) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("there is no precision '{}'; there are {}", precision, fmt::join(known, ", ")));
  }
  if (precision == "int8" && !is_quantized(options.graph)) {
    throw Error(ErrorCode::invalid_argument, options.graph.string(),
                "has no quantized operators to run in int8; quantize it first, or use --precision auto");
  }
}

/// Of a backend that has candidates that are taken of themselves, leaves out those that are taken by name only.
void leave_out_named_only(Candidates& found) {
  Candidates kept;
  for (const auto& candidate : found) {
    const bool has_automatic = std::any_of(found.begin(), found.end(), [&](const auto& other) {
      return other->backend() == candidate->backend() && other->is_automatic();
    });
    if (candidate->is_automatic() || !has_automatic) kept.push_back(candidate);
  }
  found = std::move(kept);
}

/// The candidates that bear the wanted names. Throws where there are none.
Candidates matching(const PlacementOptions& wanted) {
  Candidates all = candidates(wanted.provider_libraries);
  Candidates found;
  std::vector<std::string> known;
  for (auto& candidate : all) {
    known.push_back(full_name(*candidate));
    if (matches(wanted, *candidate)) found.push_back(std::move(candidate));
  }
  if (wanted.provider == "auto") leave_out_named_only(found);
  if (found.empty()) {
    throw Error(ErrorCode::unavailable,
                fmt::format("there is no backend '{}' with provider '{}' in this build; it has: {}", wanted.backend,
                            wanted.provider, fmt::join(known, ", ")));
  }
  return found;
}

/// Which option to change where nothing accepts.
std::string advice(const PlacementOptions& wanted) {
  if (wanted.precision != "auto" && wanted.precision != "fp32") return "use --precision auto";
  return wanted.provider != "auto" ? "use --provider auto" : "use --backend auto";
}

}  // namespace

std::string full_name(const Candidate& candidate) { return candidate.backend() + "/" + candidate.provider(); }

const std::vector<std::string>& known_precisions() {
  static const std::vector<std::string> known{"auto", "fp32", "bf16", "fp16", "int8"};
  return known;
}

Candidates candidates(const std::vector<ProviderLibrary>& libraries) {
  Candidates all = onnxruntime_candidates(libraries);
  all.push_back(backend_module("openvino", "OpenVINO"));
  // TensorFlow writes to standard error itself: only errors then. oneDNN's kernels announce themselves there; without
  // them its sums are those that models were published with.
  all.push_back(
      backend_module("tensorflow", "TensorFlow", {{"TF_CPP_MIN_LOG_LEVEL", "2"}, {"TF_ENABLE_ONEDNN_OPTS", "0"}}));
  return all;
}

std::vector<CandidateReport> candidate_reports(const std::vector<ProviderLibrary>& libraries) {
  std::vector<CandidateReport> reports;
  for (const auto& candidate : candidates(libraries)) {
    CandidateReport report{full_name(*candidate), candidate->decline("auto"), {}};
    for (const std::string& precision : known_precisions()) {
      if (precision != "auto" && !candidate->decline(precision)) report.precisions.push_back(precision);
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

namespace {

/// Why a candidate cannot run a graph as it is asked for; nothing where it can.
std::optional<std::string> why_not(const Candidate& candidate, const SessionOptions& options) {
  if (auto reason = candidate.decline(options.placement.precision)) return reason;
  if (!options.inherits_scheduling || candidate.has_threads_a_session()) return std::nullopt;
  return "its threads belong to the process and cannot have the cores and nice of an engine; give each run one thread, "
         "or worker processes their own (isolation)";
}

/// Whether it is of a provider library that was named.
bool comes_from_a_library(const Candidate& candidate, const PlacementOptions& wanted) {
  return std::any_of(wanted.provider_libraries.begin(), wanted.provider_libraries.end(),
                     [&](const ProviderLibrary& library) { return candidate.answers_to(library.name); });
}

/// Logs which of the settings that were given a candidate has no use for.
void tell_what_is_not_read(const Candidate& candidate, const PlacementOptions& given) {
  const auto tell = [&](const char* what, const std::map<std::string, std::string>& settings, bool are_read) {
    if (settings.empty() || are_read) return;
    std::vector<std::string> names;
    for (const auto& [name, value] : settings) names.push_back(name);
    base::log(base::LogLevel::warning,
              fmt::format("{} does not read {}: {}", full_name(candidate), what, fmt::join(names, ", ")));
  };
  tell("provider settings", given.provider_settings, candidate.reads_provider_settings());
  tell("session settings", given.session_settings, candidate.reads_session_settings());
}

std::unique_ptr<Session> open_as_asked(const SessionOptions& options) {
  check_names(options);
  const Candidates wanted = matching(options.placement);
  std::vector<std::string> reasons;
  for (const auto& candidate : wanted) {
    if (const auto reason = why_not(*candidate, options)) {
      reasons.push_back(fmt::format("{}: {}", full_name(*candidate), *reason));
      const bool is_wanted = comes_from_a_library(*candidate, options.placement);
      if (is_wanted && options.placement.strict) throw Error(ErrorCode::unavailable, full_name(*candidate), *reason);
      base::log(is_wanted ? base::LogLevel::warning : base::LogLevel::debug, "not on " + reasons.back());
      continue;
    }
    try {
      auto session = candidate->load(options);
      tell_what_is_not_read(*candidate, options.placement);
      return session;
    } catch (const Error& error) {
      if (options.placement.provider != "auto" || options.placement.strict || candidate == wanted.back()) throw;
      reasons.push_back(fmt::format("{}: {}", full_name(*candidate), error.message()));
      base::log(base::LogLevel::warning, "not on " + reasons.back());
    }
  }
  throw Error(ErrorCode::unavailable, options.graph.string(),
              fmt::format("nothing here can run it ({}); {}", fmt::join(reasons, "; "), advice(options.placement)));
}

std::unique_ptr<Session> open_as_tuned(const SessionOptions& options) {
  if (const auto tuned = tuned_setting(options.graph, options.placement, options.goal)) {
    SessionOptions settled = options;
    settled.placement.backend = tuned->backend;
    settled.placement.provider = tuned->provider;
    settled.placement.precision = tuned->precision;
    settled.placement.layout = tuned->layout;
    try {
      return open_as_asked(settled);
    } catch (const Error& error) {
      base::log(base::LogLevel::warning, fmt::format("not as it was tuned: {}", error.what()));
    }
  }
  return open_as_asked(options);
}

/// ONNX Runtime puts weights into the arena whatever its limit is, and has no limit any more where they exceed it.
void require_room_in_arena(const SessionOptions& options, const Session& session) {
  const std::size_t limit = options.arena_limit_bytes;
  if (limit == 0 || session.memory().bytes_in_use < limit) return;
  throw Error(ErrorCode::resource_exhausted, options.graph.string(),
              fmt::format("with it the arena holds {} bytes before anything runs; arena_limit_bytes allows {}",
                          session.memory().bytes_in_use, limit));
}

}  // namespace

bool is_open(PlacementOptions wanted) {
  wanted.cache = PlacementOptions{}.cache;
  return wanted == PlacementOptions{};
}

std::optional<TunedSetting> tuned_setting(const std::filesystem::path& graph, const PlacementOptions& wanted,
                                          TuneGoal goal) {
  return wanted.cache && is_open(wanted) ? find_tuned(graph, goal) : std::nullopt;
}

std::unique_ptr<Session> open_session(const SessionOptions& options) {
  require_graph_file(options.graph);
  std::optional<ArenaUse> limited;
  if (options.arena_limit_bytes != 0) limited.emplace(options.arena_limit_bytes);
  std::unique_ptr<Session> session = open_as_tuned(options);
  require_room_in_arena(options, *session);
  return session;
}

}  // namespace vivace::runtime
