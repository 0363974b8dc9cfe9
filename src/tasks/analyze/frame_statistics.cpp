#include "tasks/analyze/frame_statistics.hpp"

#include <algorithm>
#include <cmath>

namespace vivace::analyze {
namespace {

constexpr std::size_t kMostKept = 65536;

}  // namespace

void FrameStatistics::add(float value) {
  if (count_ % stride_ == 0) {
    if (kept_.size() == kMostKept) {
      for (std::size_t i = 0; 2 * i < kept_.size(); ++i) kept_[i] = kept_[2 * i];
      kept_.resize(kMostKept / 2);
      stride_ *= 2;
    }
    if (count_ % stride_ == 0) kept_.push_back(value);
  }
  ++count_;
  const double distance = value - mean_;
  mean_ += distance / static_cast<double>(count_);
  squares_ += distance * (value - mean_);
}

double FrameStatistics::deviation() const {
  return count_ == 0 ? 0 : std::sqrt(squares_ / static_cast<double>(count_));
}

double FrameStatistics::median() const {
  if (kept_.empty()) return 0;
  std::vector<float> values = kept_;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (static_cast<double>(*middle) + *std::max_element(values.begin(), middle));
}

void append_statistics_fields(std::vector<FieldInfo>& fields, const FieldInfo& of) {
  for (const char* statistic : {"mean", "std", "median"}) {
    FieldInfo field = of;
    field.name += std::string(".") + statistic;
    fields.push_back(std::move(field));
  }
}

void append_statistics(std::vector<FieldValue>& values, const FrameStatistics& statistics, const std::string& reason) {
  if (statistics.count() == 0) {
    values.insert(values.end(), 3, none(reason));
    return;
  }
  values.push_back(number(statistics.mean()));
  values.push_back(number(statistics.deviation()));
  values.push_back(number(statistics.median()));
}

}  // namespace vivace::analyze
