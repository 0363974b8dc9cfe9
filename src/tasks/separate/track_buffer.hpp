#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "tasks/separate/network.hpp"
#include "tasks/separate/stereo_source.hpp"

namespace vivace::separate {

/// The part of a track that is still needed, by the network ahead and by what becomes of its results behind. `fill` and
/// `release_input` are called by one thread at a time, `copy` and `release_mix` by any.
class TrackBuffer {
 public:
  /// `reader` outlives it.
  explicit TrackBuffer(StereoReader& reader) : reader_(reader) {}

  /// Reads until frame `end` is there, or the track ends.
  void fill(std::int64_t end);
  /// The frames of the track, once its end has been read.
  std::optional<std::int64_t> end() const;

  /// Frames from `begin` on, [2, length], as the network sees them; zeros outside the track.
  void copy(std::int64_t begin, const TrackLevel& level, std::size_t length, std::span<float> dst) const;

  /// Nothing before `begin` is asked for any more by the one or the other.
  void release_input(std::int64_t begin);
  void release_mix(std::int64_t begin);

 private:
  void drop();

  StereoReader& reader_;
  mutable std::mutex mutex_;
  std::array<std::vector<float>, kStereo> channels_;
  std::int64_t begin_ = 0;  // of what is held
  std::int64_t input_begin_ = 0;
  std::int64_t mix_begin_ = 0;
  bool ended_ = false;
};

}  // namespace vivace::separate
