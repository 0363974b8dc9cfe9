#include "runtime/outlier_watch.hpp"

#include <algorithm>

namespace vivace::runtime {
namespace {

constexpr double kTimesLarger = 4;
constexpr double kLeastBytes = 1 << 20;
constexpr double kNewest = 0.05;  // the weight of the newest size in the smoothed one

}  // namespace

bool OutlierWatch::is_time_to_shrink(std::size_t bytes) {
  const auto size = static_cast<double>(bytes);
  const std::scoped_lock lock(mutex_);
  if (usual_ == 0) {
    usual_ = size;
    return false;
  }
  const bool is_outlier = size > std::max(kTimesLarger * usual_, kLeastBytes);
  // An outlier counts as the largest usual run, so that sizes that stay become usual.
  usual_ += kNewest * (std::min(size, kTimesLarger * usual_) - usual_);
  const bool is_over = had_outlier_ && !is_outlier;
  had_outlier_ = is_outlier;
  return is_over;
}

}  // namespace vivace::runtime
