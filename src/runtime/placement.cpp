#include "runtime/placement.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/log.hpp"
#include "runtime/onnxruntime_candidate.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

bool matches(const std::string& wanted, const std::string& name) { return wanted == "auto" || wanted == name; }

std::string full_name(const Candidate& candidate) { return candidate.backend() + "/" + candidate.provider(); }

/// Throws where no candidate bears the wanted names at all.
void check_names(const SessionOptions& options) {
  std::vector<std::string> known;
  for (const auto& candidate : candidates()) {
    if (matches(options.placement.backend, candidate->backend()) &&
        matches(options.placement.provider, candidate->provider()))
      return;
    known.push_back(full_name(*candidate));
  }
  throw Error(ErrorCode::unavailable,
              fmt::format("there is no backend '{}' with provider '{}' in this build; it has: {}",
                          options.placement.backend, options.placement.provider, fmt::join(known, ", ")));
}

}  // namespace

const std::vector<std::unique_ptr<Candidate>>& candidates() {
  static const std::vector<std::unique_ptr<Candidate>> all = onnxruntime_candidates();
  return all;
}

std::vector<CandidateReport> candidate_reports() {
  std::vector<CandidateReport> reports;
  for (const auto& candidate : candidates()) reports.push_back({full_name(*candidate), candidate->decline()});
  return reports;
}

std::unique_ptr<Session> open_session(const SessionOptions& options) {
  check_names(options);
  std::vector<std::string> reasons;
  for (const auto& candidate : candidates()) {
    if (!matches(options.placement.backend, candidate->backend()) ||
        !matches(options.placement.provider, candidate->provider()))
      continue;
    if (const auto reason = candidate->decline()) {
      reasons.push_back(fmt::format("{}: {}", full_name(*candidate), *reason));
      base::log(base::LogLevel::debug, "not on " + reasons.back());
      continue;
    }
    try {
      return candidate->load(options);
    } catch (const Error& error) {
      if (options.placement.provider != "auto" || candidate == candidates().back()) throw;
      reasons.push_back(fmt::format("{}: {}", full_name(*candidate), error.message()));
      base::log(base::LogLevel::warning, "not on " + reasons.back());
    }
  }
  throw Error(ErrorCode::unavailable, options.graph.string(),
              fmt::format("nothing here can run it ({}); use --provider auto", fmt::join(reasons, "; ")));
}

}  // namespace vivace::runtime
