#pragma once

#include <cstddef>
#include <span>

#include "dsp/lanes.hpp"

namespace vivace::dsp {

/// The means of the `count` lowest and of the `count` highest values of each lane.
struct Extremes {
  LaneValues lowest;
  LaneValues highest;
};

/// `values` are non-negative, 1 <= count <= values.size(). Values at the border between those that count and the others
/// are known to within 2^-13 of themselves, but for lanes that hold values many orders of magnitude apart.
Extremes mean_extremes(std::span<const Lanes> values, std::size_t count);

}  // namespace vivace::dsp
