#include "runtime/batch_window.hpp"

#include <algorithm>

namespace vivace::runtime {
namespace {

constexpr double kDecay = 0.98;

}  // namespace

void RunCost::add(std::size_t rows, double seconds) {
  const auto n = static_cast<double>(rows);
  for (double* sum : {&weight_, &rows_, &seconds_, &rows_rows_, &rows_seconds_}) *sum *= kDecay;
  weight_ += 1;
  rows_ += n;
  seconds_ += seconds;
  rows_rows_ += n * n;
  rows_seconds_ += n * seconds;
}

/// The least-squares slope of seconds over rows, between 0 and what leaves no fixed cost.
double RunCost::slope() const {
  if (!known()) return 0;
  const double mean_rows = rows_ / weight_;
  const double variance = rows_rows_ / weight_ - mean_rows * mean_rows;
  constexpr double kSomeSpread = 1e-3;
  if (variance < kSomeSpread * mean_rows * mean_rows) return 0;
  const double covariance = rows_seconds_ / weight_ - mean_rows * seconds_ / weight_;
  return std::clamp(covariance / variance, 0.0, seconds_ / rows_);
}

double RunCost::per_row_s() const { return slope(); }

double RunCost::fixed_s() const { return known() ? (seconds_ - slope() * rows_) / weight_ : 0; }

bool RunCost::waiting_pays(std::size_t waiting, double gap_s) const {
  const auto n = static_cast<double>(waiting);
  return known() && (n + 1) * gap_s < fixed_s() - per_row_s() * n;
}

}  // namespace vivace::runtime
