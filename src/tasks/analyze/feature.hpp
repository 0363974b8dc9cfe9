#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "media/audio_block.hpp"
#include "records/record.hpp"
#include "tasks/analyze/spectra.hpp"

namespace vivace::analyze {

/// What a field holds. Its name is `group.name_unit[.statistic]`, e.g. "spectral.centroid_hz.mean".
struct FieldInfo {
  std::string name;
  records::FieldType type = records::FieldType::number;
  std::size_t size = 0;    ///< vector: its length; 0 where that varies
  std::string unit;        ///< "LUFS", "Hz", "s", … or empty
  std::string range;       ///< "0 … 1", "-70 … 10", or empty where it has no bounds
  std::string definition;  ///< one line: what it is, and whose definition
};

/// The value of a field; null with a reason where it has no meaning ("shorter than 0.4 s", "silence").
struct FieldValue {
  records::Value value{};
  std::string reason{};
};

/// The number, which must be finite.
FieldValue number(double value);
/// No value, for this reason.
FieldValue none(const std::string& reason);

/// A feature over time.
struct Curve {
  std::string name;           ///< "spectral.centroid_hz"
  double rate_hz = 0;         ///< frames a second
  double start_s = 0;         ///< the time of the first frame
  std::size_t columns = 1;    ///< values a frame
  std::vector<float> values;  ///< [frames, columns]
};

/// What a feature found in a track.
struct Findings {
  std::vector<FieldValue> fields;  ///< one a field of its FeatureInfo, in that order
  std::vector<Curve> curves;       ///< empty unless FeatureOptions::curves
};

/// A track as features hear it.
struct TrackFormat {
  int sample_rate = 0;  ///< Hz, the file's own
  std::size_t channels = 0;
  int analysis_rate = 0;  ///< Hz, of `Block::spectra` and of the mono signal where a feature asks for no other
};

/// One stretch of a track in the forms that features listen to. Valid during the call.
struct Block {
  const media::AudioBlock& audio;  ///< all channels, at the file's own rate
  std::span<const float> mono;     ///< the mean of the channels, at the feature's rate; empty unless it uses that
  const Spectra& spectra;          ///< the frames that became complete, at the analysis rate
};

struct FeatureOptions {
  bool curves = false;     ///< keep frame-level curves
  bool dual_mono = false;  ///< loudness: a mono file counts as two equal channels
};

/// Listens to one track at a time. Memory does not grow with its length, but for curves and lists of events.
/// Not thread-safe: one a track.
class Feature {
 public:
  virtual ~Feature() = default;
  /// The next stretch of the track. The last ones may hold no audio, but the ends of `mono` and `spectra`.
  virtual void push(const Block& block) = 0;
  /// Ends the track. Numbers in the findings are finite.
  virtual Findings finish() = 0;
};

/// A line of the registry.
struct FeatureInfo {
  std::string name;   ///< "true-peak"
  std::string group;  ///< "loudness": the first part of its fields' names, shared by features that belong together
  std::string description;      ///< one line
  int version = 1;              ///< counts up when results change, so that stored ones are made anew
  bool by_default = true;       ///< part of an analysis that names no features
  int rate = 0;                 ///< Hz, of `Block::mono`; 0: the analysis rate
  bool uses_mono = false;       ///< listens to `Block::mono`
  bool uses_spectra = false;    ///< listens to `Block::spectra`
  bool uses_dual_mono = false;  ///< FeatureOptions::dual_mono changes its results
  std::vector<FieldInfo> fields;
  std::string configuration{};  ///< of a model: its digest and what else decides its results
  std::function<std::unique_ptr<Feature>(const TrackFormat& format, const FeatureOptions& options)> make;
};

}  // namespace vivace::analyze
