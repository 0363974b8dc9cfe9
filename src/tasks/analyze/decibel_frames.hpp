#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tasks/analyze/thinned_rows.hpp"

namespace vivace::analyze {

/// Decibels in steps of 1/128 dB, within -255 … 255 dB: beyond that they are limited.
std::int16_t to_decibel_steps(float decibels);
float from_decibel_steps(std::int16_t steps);

/// Keeps decibels of frames for what is known only at the end of a track, such as its maximum: as steps,
/// all of up to kMostFramesKept frames, beyond that every 2nd, 4th, … frame.
class DecibelFrames {
 public:
  explicit DecibelFrames(std::size_t columns) : rows_(columns), steps_(columns) {}

  void add(std::span<const float> decibels);

  std::size_t rows() const { return rows_.rows(); }
  std::size_t stride() const { return rows_.stride(); }  ///< one of so many frames is kept
  /// Writes a kept frame to `dst`.
  void read(std::size_t row, std::span<float> dst) const;

 private:
  ThinnedRows<std::int16_t> rows_;
  std::vector<std::int16_t> steps_;
};

}  // namespace vivace::analyze
