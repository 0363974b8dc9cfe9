#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tasks/analyze/feature.hpp"
#include "vivace/error.hpp"

namespace vivace::analyze {

struct AnalyzerOptions {
  std::vector<const FeatureInfo*> features;  ///< of the registry
  FeatureOptions feature{};
  int analysis_rate = 0;  ///< Hz, 1000 … 768000; 0: the file's own
  /// Called between blocks, some times a second; what it throws ends the analysis.
  std::function<void()> checkpoint = {};
};

/// Seconds that were spent in a stage.
struct StageTime {
  std::string stage;  ///< "decode", "resample", "spectra", or a feature
  double seconds = 0;
};

/// What was found in one track.
struct Analysis {
  double duration_s = 0;  ///< of the decoded audio
  int sample_rate = 0;    ///< Hz, the file's own
  std::size_t channels = 0;
  std::string container;
  std::string codec;
  bool truncated = false;          ///< audio is missing: the file ended early or is damaged; the rest was used
  std::vector<Findings> findings;  ///< one a feature, in the order of the options
  std::vector<std::optional<Error>> failures;  ///< one a feature: what it threw
  std::vector<StageTime> times;
};

/// A track on its way through features, block by block; how it is cut into blocks changes nothing. What a feature
/// throws makes its fields null, with that as the reason; the others go on. Not thread-safe: one a track.
class TrackAnalysis {
 public:
  /// `options.checkpoint` is not called.
  TrackAnalysis(int sample_rate, std::size_t channels, const AnalyzerOptions& options);
  TrackAnalysis(TrackAnalysis&&) noexcept;
  TrackAnalysis& operator=(TrackAnalysis&&) noexcept;
  ~TrackAnalysis();

  /// The next frames, at the rate and with the channels of the track.
  void push(const media::AudioBlock& block);
  /// Ends the track. Of its file the analysis says nothing.
  Analysis finish();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// Decodes a file once and lets all features listen, as TrackAnalysis. Safe from many threads. Throws Error as
/// media::Decoder does, and what `checkpoint` throws.
Analysis analyze_file(const std::filesystem::path& path, const AnalyzerOptions& options);

}  // namespace vivace::analyze
