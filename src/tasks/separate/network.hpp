#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vivace/separate.hpp"

namespace vivace::separate {

inline constexpr std::size_t kStereo = 2;

/// A piece of work for a network. Positions are frames of the track at the model's rate.
struct Segment {
  std::int64_t input_begin = 0;  ///< of what the network sees; outside the track that is zeros
  std::size_t input_length = 0;
  std::int64_t output_begin = 0;  ///< of what it gives, inside of what it sees
  std::size_t output_length = 0;
};

/// What is known of a whole track.
struct TrackStatistics {
  std::int64_t frames = 0;
  double mean = 0;       ///< of the mean of both channels
  double deviation = 0;  ///< of the same, with frames - 1; 0 for less than two frames
  float peak = 0;        ///< of either channel
};

/// The network sees (x - offset) / scale, and what it gives is put back by y * scale + offset.
struct TrackLevel {
  double offset = 0;
  double scale = 1;
};

/// Runs a model of one family on segments of a track. Safe from many threads.
class Network {
 public:
  virtual ~Network() = default;

  virtual const std::string& placement() const = 0;
  /// How many signals it gives: the stems that it was opened for, in their order, and what its family adds.
  virtual std::size_t signals() const = 0;
  virtual double segment_s() const = 0;

  /// The segment with this index; nothing behind the last one. `end`: the frames of the track, once they are known.
  /// While they are not, the segment is as if the track went on for ever.
  virtual std::optional<Segment> segment(std::size_t index, std::optional<std::int64_t> end) const = 0;
  /// How far before `output_begin` the input may begin when the end comes to be known.
  virtual std::size_t history() const { return 0; }

  virtual bool needs_statistics() const { return false; }
  virtual TrackLevel level(const TrackStatistics&) const { return {}; }

  /// The weights of a segment's output, where segments are averaged by weights; empty where they are only added.
  /// `memory` may hold them.
  virtual std::span<const float> weights(std::size_t, std::vector<float>&) const { return {}; }

  /// `input` [2, input_length] of a segment to `output` [signals, 2, output_length], not weighted. Returns the runs of
  /// the graph.
  virtual std::size_t run(const Segment& segment, std::span<const float> input, std::span<float> output) const = 0;
};

}  // namespace vivace::separate
