#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "library/unit_vectors.hpp"
#include "library/vector_codes.hpp"

namespace vivace::library {

struct Neighbour {
  std::size_t row = 0;
  float similarity = 0;  ///< cosine
};

/// The `count` vectors most similar to a vector of length one, the most similar first, of those rows for which
/// `allowed` (one a row) is not 0. Uses the cores that are free.
std::vector<Neighbour> nearest_exactly(const UnitVectors& vectors, std::span<const float> query, std::size_t count,
                                       std::span<const std::uint8_t> allowed);

/// The same by way of codes, [rows, stride]: those whose codes fit best are compared exactly. Similarities are exact;
/// a neighbour can be missed where thousands of others are about as near.
std::vector<Neighbour> nearest_by_codes(const UnitVectors& vectors, const CodeBasis& basis,
                                        std::span<const std::int8_t> codes, std::span<const float> query,
                                        std::size_t count, std::span<const std::uint8_t> allowed);

}  // namespace vivace::library
