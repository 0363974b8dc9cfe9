#include "tasks/separate/overlap_adder.hpp"

#include <algorithm>

namespace vivace::separate {

void OverlapAdder::grow(std::size_t frames) {
  if (weight_sums_.size() >= frames) return;
  for (std::vector<float>& sum : sums_) sum.resize(frames);
  weight_sums_.resize(frames);
}

void OverlapAdder::add(std::int64_t begin, std::span<const float> pieces, std::span<const float> weights) {
  const std::size_t length = pieces.size() / sums_.size();
  const auto skipped =
      static_cast<std::size_t>(std::clamp<std::int64_t>(position_ - begin, 0, static_cast<std::int64_t>(length)));
  const auto at = static_cast<std::size_t>(std::max<std::int64_t>(begin - position_, 0));
  const std::size_t count = length - skipped;
  grow(at + count);
  is_weighted_ = is_weighted_ || !weights.empty();
  for (std::size_t row = 0; row < sums_.size(); ++row) {
    const float* piece = pieces.data() + row * length + skipped;
    float* sum = sums_[row].data() + at;
    if (weights.empty()) {
      for (std::size_t i = 0; i < count; ++i) sum[i] += piece[i];
    } else {
      for (std::size_t i = 0; i < count; ++i) sum[i] += piece[i] * weights[skipped + i];
    }
  }
  for (std::size_t i = 0; i < count && !weights.empty(); ++i) weight_sums_[at + i] += weights[skipped + i];
}

void OverlapAdder::take(std::int64_t end, std::span<float> dst) {
  const std::size_t count = dst.size() / sums_.size();
  const std::size_t held = std::min(count, weight_sums_.size());
  for (std::size_t row = 0; row < sums_.size(); ++row) {
    float* to = dst.data() + row * count;
    const float* sum = sums_[row].data();
    for (std::size_t i = 0; i < held; ++i) {
      if (!is_weighted_) {
        to[i] += sum[i];
      } else if (weight_sums_[i] > 0) {
        to[i] += sum[i] / weight_sums_[i];
      }
    }
    sums_[row].erase(sums_[row].begin(), sums_[row].begin() + static_cast<std::ptrdiff_t>(held));
  }
  weight_sums_.erase(weight_sums_.begin(), weight_sums_.begin() + static_cast<std::ptrdiff_t>(held));
  position_ = end;
}

}  // namespace vivace::separate
