#include "library/track_analyst.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace vivace::library {
namespace {

double seconds_of(const std::vector<analyze::StageTime>& times, const std::string& stage) {
  const auto time = std::find_if(times.begin(), times.end(), [&](const auto& each) { return each.stage == stage; });
  return time == times.end() ? 0 : time->seconds;
}

TrackFindings to_findings(analyze::Analysis analysis, const std::vector<std::size_t>& sets,
                          const std::vector<const analyze::FeatureInfo*>& features) {
  TrackFindings findings;
  findings.properties = {analysis.duration_s, analysis.sample_rate, analysis.channels,
                         analysis.container,  analysis.codec,       analysis.truncated};
  for (std::size_t i = 0; i < sets.size(); ++i) {
    std::ranges::move(analysis.findings[i].curves, std::back_inserter(findings.curves));
    findings.sets.push_back({sets[i], std::move(analysis.findings[i].fields),
                             seconds_of(analysis.times, features[i]->name), std::move(analysis.failures[i])});
  }
  findings.times = std::move(analysis.times);
  return findings;
}

}  // namespace

TrackAnalyst feature_analyst(analyze::AnalyzerOptions options) {
  return [options = std::move(options)](const std::filesystem::path& path, const std::vector<std::size_t>& sets,
                                        const std::function<void()>& checkpoint) {
    analyze::AnalyzerOptions wanted = options;
    wanted.checkpoint = checkpoint;
    wanted.features.clear();
    for (const std::size_t set : sets) wanted.features.push_back(options.features[set]);
    return to_findings(analyze::analyze_file(path, wanted), sets, wanted.features);
  };
}

}  // namespace vivace::library
