#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vivace::separate {

/// Adds up overlapping pieces of signals, or averages them by weights, and gives out what no further piece touches.
/// What lies before frame 0 is dropped. The result depends on the order of the pieces, but for rounding only. Not
/// thread-safe.
class OverlapAdder {
 public:
  /// `rows` signals.
  explicit OverlapAdder(std::size_t rows) : sums_(rows) {}

  /// A piece [rows, length] from frame `begin` on. `weights`: [length], or empty for every piece of a track.
  void add(std::int64_t begin, std::span<const float> pieces, std::span<const float> weights);

  /// Takes the frames before `end` that were not taken yet out, and adds them to `dst` [rows, count]. Frames that no
  /// piece reached are zeros.
  void take(std::int64_t end, std::span<float> dst);

  /// The first frame that was not taken.
  std::int64_t position() const { return position_; }

 private:
  void grow(std::size_t frames);

  std::int64_t position_ = 0;
  std::vector<std::vector<float>> sums_;
  std::vector<float> weight_sums_;
  bool is_weighted_ = false;
};

}  // namespace vivace::separate
