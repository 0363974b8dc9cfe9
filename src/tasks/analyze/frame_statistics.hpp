#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tasks/analyze/feature.hpp"
#include "tasks/analyze/thinned_rows.hpp"

namespace vivace::analyze {

/// Mean, standard deviation (population, as numpy's) and median of a value a frame. Mean and deviation are exact; the
/// median is exact for up to 65536 frames (12 minutes at 44.1 kHz), beyond that of every 2nd, 4th, … frame, so that
/// memory is bounded.
class FrameStatistics {
 public:
  void add(float value);

  std::size_t count() const { return kept_.count(); }
  double mean() const { return mean_; }
  double deviation() const;
  double median() const;

 private:
  double mean_ = 0;
  double squares_ = 0;  // sum of squared distances from the mean (Welford)
  ThinnedRows<float> kept_{1};
};

/// The fields `<name>.mean`, `<name>.std` and `<name>.median` of a value, or of a vector, a frame.
void append_statistics_fields(std::vector<FieldInfo>& fields, const FieldInfo& of);

/// Their values; null with `reason` where there was no frame.
void append_statistics(std::vector<FieldValue>& values, const FrameStatistics& statistics, const std::string& reason);
/// Of a vector a frame: its columns' statistics.
void append_statistics(std::vector<FieldValue>& values, std::span<const FrameStatistics> columns,
                       const std::string& reason);

}  // namespace vivace::analyze
