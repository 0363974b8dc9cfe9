#pragma once

#include <cstddef>
#include <span>

namespace vivace::library {

/// Vectors of length one, [rows, dimension], row-major, owned by somebody else.
struct UnitVectors {
  std::span<const float> values;
  std::size_t dimension = 0;

  std::size_t rows() const { return dimension == 0 ? 0 : values.size() / dimension; }
  std::span<const float> row(std::size_t index) const { return values.subspan(index * dimension, dimension); }
};

/// The sum of the products of two vectors of one length. The same for the same machine, whatever lies around them.
float dot(std::span<const float> a, std::span<const float> b);

/// Scales a vector to length one. False, and nothing is changed, where it has no direction.
bool normalise(std::span<float> vector);

}  // namespace vivace::library
