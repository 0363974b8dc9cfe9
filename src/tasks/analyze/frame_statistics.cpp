#include "tasks/analyze/frame_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace vivace::analyze {
namespace {

/// One statistic of all columns.
template <typename Statistic>
FieldValue vector_of(std::span<const FrameStatistics> columns, Statistic&& statistic) {
  std::vector<float> values;
  for (const FrameStatistics& column : columns) values.push_back(static_cast<float>(statistic(column)));
  FieldValue field;
  field.value = std::move(values);
  return field;
}

}  // namespace

void FrameStatistics::add(float value) {
  kept_.add({&value, 1});
  const double distance = value - mean_;
  mean_ += distance / static_cast<double>(count());
  squares_ += distance * (value - mean_);
}

double FrameStatistics::deviation() const {
  return count() == 0 ? 0 : std::sqrt(squares_ / static_cast<double>(count()));
}

double FrameStatistics::median() const {
  std::vector<float> values = kept_.values();
  if (values.empty()) return 0;
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

void append_statistics(std::vector<FieldValue>& values, std::span<const FrameStatistics> columns,
                       const std::string& reason) {
  if (columns.front().count() == 0) {
    values.insert(values.end(), 3, none(reason));
    return;
  }
  values.push_back(vector_of(columns, [](const FrameStatistics& column) { return column.mean(); }));
  values.push_back(vector_of(columns, [](const FrameStatistics& column) { return column.deviation(); }));
  values.push_back(vector_of(columns, [](const FrameStatistics& column) { return column.median(); }));
}

}  // namespace vivace::analyze
