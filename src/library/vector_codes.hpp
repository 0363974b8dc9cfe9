#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "library/unit_vectors.hpp"

namespace vivace::library {

/// How vectors become codes of few bytes: what they hold beyond their mean along some axes, in whole steps. The sum of
/// the products of two codes ranks vectors about as their cosine does.
struct CodeBasis {
  std::vector<float> mean;  ///< [dimension]
  std::vector<float> axes;  ///< [axes, dimension]; none: the coordinates as they are
  std::size_t stride = 0;   ///< bytes a code, a multiple of 32; those beyond the axes are 0
  float steps = 0;          ///< a length of one
};

/// Principal axes that hold nearly all of the variance, or all coordinates where that takes too many. Needs rows.
CodeBasis choose_basis(const UnitVectors& vectors);

/// Codes of all vectors, [rows, stride].
std::vector<std::int8_t> encode(const CodeBasis& basis, const UnitVectors& vectors);
/// The code of what is searched for, with as fine steps as it can have.
std::vector<std::int8_t> encode_query(const CodeBasis& basis, std::span<const float> query);

/// scores[i] is the sum of the products of a code and the code i of `codes`, [scores.size(), code.size()].
void score_codes(std::span<const std::int8_t> codes, std::span<const std::int8_t> code, std::span<std::int32_t> scores);

}  // namespace vivace::library
