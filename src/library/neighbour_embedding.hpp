#pragma once

#include <vector>

#include "library/map_layout.hpp"

namespace vivace::library {

/// t-SNE (van der Maaten, Hinton 2008) of unit vectors into the plane, from their first two principal axes on; time
/// grows with the square of their number. Where there are too few for neighbourhoods, those axes are the places.
std::vector<MapPlace> neighbour_embedding(const UnitVectors& vectors);

}  // namespace vivace::library
