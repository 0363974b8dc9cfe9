#pragma once

#include <cstddef>

namespace vivace::runtime {

/// Learns what a run costs, a + b·rows, and says whether waiting for one more request pays. Not thread-safe.
class RunCost {
 public:
  /// A run of `rows` rows took `seconds`. Later runs count more: the weight of one halves every 35 runs.
  void add(std::size_t rows, double seconds);

  bool known() const { return weight_ > 0; }
  double fixed_s() const;    ///< a, at least 0
  double per_row_s() const;  ///< b, at least 0; 0 while all runs had the same number of rows

  /// Whether all of `waiting` rows and the next, which comes after `gap_s`, are answered sooner on the whole where they
  /// share a run. Running at once takes a + b·n for n rows and lets the next wait for the rest of that; waiting costs
  /// each of n the gap and the share b of the next, and spares the next its wait: it pays where (n + 1)·gap < a - b·n.
  bool waiting_pays(std::size_t waiting, double gap_s) const;

 private:
  double slope() const;

  double weight_ = 0;
  double rows_ = 0;
  double seconds_ = 0;
  double rows_rows_ = 0;
  double rows_seconds_ = 0;
};

}  // namespace vivace::runtime
