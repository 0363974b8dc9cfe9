#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/percentile.hpp"

namespace vivace::bench {

/// A column of a table: times in seconds with their intervals; nothing where a time is not known.
struct TimeColumn {
  std::string name;
  bool has_intervals = false;  ///< whether they are shown
  std::vector<std::optional<Estimate>> times;
};

/// What times of a table are multiplied by.
struct TimeScale {
  double per_second = 1;
  const char* unit = "";
};

/// Microseconds where all times of some columns are below 0.1 ms, else milliseconds.
TimeScale scale_of(const std::vector<TimeColumn>& columns);

/// The cells of a column with equally many decimals: as many as show three digits of its smallest time, at most four.
/// "4.07 (4.05–4.12)"; "-" for a time that is not known.
std::vector<std::string> cells_of(const TimeColumn& column, const TimeScale& scale);

}  // namespace vivace::bench
