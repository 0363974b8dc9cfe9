#include "dsp/projection.hpp"

#include <algorithm>
#include <array>

#include "base/vectorised.hpp"

namespace vivace::dsp {
namespace {

// Rows whose sums are in registers at the same time: AVX2 has 16, two for each row.
constexpr std::size_t kGroup = 6;

using GroupSums = std::array<Lanes, kGroup>;

VIVACE_VECTORISED void project(const float* weights, std::span<const Lanes> src, GroupSums& dst) {
  LaneFloats sum0{};
  LaneFloats sum1{};
  LaneFloats sum2{};
  LaneFloats sum3{};
  LaneFloats sum4{};
  LaneFloats sum5{};
  for (const auto& [value] : src) {
    sum0 += weights[0] * value;
    sum1 += weights[1] * value;
    sum2 += weights[2] * value;
    sum3 += weights[3] * value;
    sum4 += weights[4] * value;
    sum5 += weights[5] * value;
    weights += kGroup;
  }
  dst = {Lanes{sum0}, Lanes{sum1}, Lanes{sum2}, Lanes{sum3}, Lanes{sum4}, Lanes{sum5}};
}

std::size_t columns_in_use(std::span<const float> row) {
  std::size_t count = row.size();
  while (count > 0 && row[count - 1] == 0) --count;
  return count;
}

}  // namespace

Projection::Projection(std::size_t columns, std::span<const float> weights)
    : rows_(weights.size() / columns), columns_(columns) {
  for (std::size_t first = 0; first < rows_; first += kGroup) {
    const std::size_t rows = std::min(kGroup, rows_ - first);
    Group group{weights_.size(), 0};
    for (std::size_t row = first; row < first + rows; ++row) {
      group.columns = std::max(group.columns, columns_in_use(weights.subspan(row * columns, columns)));
    }
    for (std::size_t column = 0; column < group.columns; ++column) {
      for (std::size_t row = 0; row < kGroup; ++row) {
        weights_.push_back(row < rows ? weights[(first + row) * columns + column] : 0.0F);
      }
    }
    groups_.push_back(group);
  }
}

void Projection::apply(std::span<const Lanes> src, std::span<Lanes> dst) const {
  GroupSums sums;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    project(weights_.data() + groups_[i].first_weight, src.first(groups_[i].columns), sums);
    const std::size_t first = i * kGroup;
    std::copy_n(sums.begin(), std::min(kGroup, rows_ - first), dst.begin() + static_cast<std::ptrdiff_t>(first));
  }
}

}  // namespace vivace::dsp
