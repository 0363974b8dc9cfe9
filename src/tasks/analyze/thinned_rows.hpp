#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace vivace::analyze {

/// The most frames that are kept of a track, 12 minutes at 44.1 kHz.
inline constexpr std::size_t kMostFramesKept = 65536;

/// Keeps one row a frame: all of up to kMostFramesKept, beyond that every 2nd, 4th, … frame, so that memory is bounded.
template <typename T>
class ThinnedRows {
 public:
  explicit ThinnedRows(std::size_t columns) : columns_(columns) {}

  void add(std::span<const T> row) {
    if (count_ % stride_ == 0 && rows() == kMostFramesKept) thin();
    if (count_ % stride_ == 0) values_.insert(values_.end(), row.begin(), row.end());
    ++count_;
  }

  std::size_t count() const { return count_; }    ///< frames added
  std::size_t stride() const { return stride_; }  ///< one of so many is kept
  std::size_t rows() const { return values_.size() / columns_; }
  std::span<const T> row(std::size_t index) const {
    return std::span<const T>(values_).subspan(index * columns_, columns_);
  }
  const std::vector<T>& values() const { return values_; }  ///< [rows(), columns]

 private:
  void thin() {
    for (std::size_t i = 0; 2 * i < kMostFramesKept; ++i) std::ranges::copy(row(2 * i), &values_[i * columns_]);
    values_.resize(kMostFramesKept / 2 * columns_);
    stride_ *= 2;
  }

  std::size_t columns_;
  std::size_t count_ = 0;
  std::size_t stride_ = 1;
  std::vector<T> values_;
};

}  // namespace vivace::analyze
