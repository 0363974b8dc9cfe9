#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "dsp/lanes.hpp"

namespace vivace::dsp {

/// A dense matrix that is applied to kLanes vectors at once. Zeros at the end of a row cost nothing where the rows
/// around it end there too. Immutable; safe from many threads.
class Projection {
 public:
  /// `weights` are [rows, columns], row-major.
  Projection(std::size_t columns, std::span<const float> weights);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }

  /// dst[row] = sum over columns of weight[row, column] src[column]. `src` has columns() values, `dst` rows().
  void apply(std::span<const Lanes> src, std::span<Lanes> dst) const;

 private:
  struct Group {
    std::size_t first_weight = 0;
    std::size_t columns = 0;  // those up to its last weight that is not zero
  };

  std::size_t rows_;
  std::size_t columns_;
  std::vector<Group> groups_;
  std::vector<float> weights_;  // by group, [columns, rows of a group]
};

}  // namespace vivace::dsp
