#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "model/manifest.hpp"

namespace vivace::embed {

/// Cuts a growing sequence of feature frames into overlapping patches and hands them out in batches: patch k is frames
/// [k hop, k hop + frames). Memory: the frames of one batch. Not thread-safe: one a stream.
class PatchCutter {
 public:
  /// `batch`: the most patches in one batch, at least 1.
  PatchCutter(const model::Patching& patching, std::size_t bands, std::size_t batch);

  /// Where new frames are appended, [frames, bands] row-major.
  std::vector<float>& frames() { return frames_; }

  /// How many patches the frames at hand allow, at most one batch.
  std::size_t ready() const;
  bool full() const { return ready() == batch_; }

  /// The first `count` patches, count in 1 … ready(), as the graph wants them: [count, frames, bands] where the host
  /// cuts, else the stretch [frames + hop (count - 1), bands]. Valid until the frames change.
  std::span<const float> batch(std::size_t count);

  /// Frames in the stretch that `count` patches cover.
  std::size_t stretch(std::size_t count) const { return patching_.frames + patching_.hop * (count - 1); }

  /// Drops the frames that only the first `count` patches need.
  void consume(std::size_t count);

  /// Drops the newest frame, where there is one.
  void drop_last_frame();
  /// Drops all frames.
  void reset() { frames_.clear(); }

 private:
  model::Patching patching_;
  std::size_t bands_;
  std::size_t batch_;
  std::vector<float> frames_;
  std::vector<float> copied_;
};

}  // namespace vivace::embed
