#pragma once

#include <vector>

#include "library/unit_vectors.hpp"

namespace vivace::library {

struct MapPlace {
  double x = 0;  ///< 0 … 1
  double y = 0;  ///< 0 … 1
};

/// A place for each vector on a map where similar ones lie together: t-SNE of up to a thousand of them, between which
/// the others are put. The same vectors always give the same map.
std::vector<MapPlace> map_layout(const UnitVectors& vectors);

}  // namespace vivace::library
