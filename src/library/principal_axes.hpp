#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace vivace::library {

/// The directions in which vectors differ most.
struct PrincipalAxes {
  std::vector<float> mean;        ///< [dimension]
  std::vector<float> axes;        ///< [count, dimension], orthonormal, those of the largest variance first
  std::vector<double> variances;  ///< [count]
  double total_variance = 0;      ///< over all directions
};

/// The first `count` <= dimension axes of vectors [rows, dimension], row-major, of some thousands of them that are
/// evenly spread where there are more. The same vectors always give the same axes. Needs at least one row.
PrincipalAxes principal_axes(std::span<const float> vectors, std::size_t dimension, std::size_t count);

}  // namespace vivace::library
