#include "model/parity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "vivace/error.hpp"

namespace vivace::model {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double cosine_of(double dot, double a_squared, double b_squared) {
  if (a_squared == 0 && b_squared == 0) return 1;
  if (a_squared == 0 || b_squared == 0) return 0;
  return dot / std::sqrt(a_squared * b_squared);
}

/// What numbers are multiplied with so that their squares can be summed: 1 but for very large and very small ones.
double scale_of(std::span<const double> a, std::span<const double> b) {
  constexpr double kLargest = 1e140;
  constexpr double kSmallest = 1e-140;
  double largest = 0;
  for (const double value : a) largest = std::max(largest, std::abs(value));
  for (const double value : b) largest = std::max(largest, std::abs(value));
  const bool is_extreme = largest > kLargest || (largest > 0 && largest < kSmallest);
  return is_extreme ? 1 / largest : 1;
}

bool all_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

}  // namespace

RowDifference difference(std::span<const double> a, std::span<const double> b) {
  RowDifference row;
  row.finite = all_finite(a) && all_finite(b);
  if (!row.finite) {
    row.cosine = 0;
    row.max_abs = row.mean_abs = kInfinity;
    return row;
  }
  const double scale = scale_of(a, b);
  double dot = 0;
  double a_squared = 0;
  double b_squared = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i];
    const double y = b[i];
    dot += x * scale * (y * scale);
    a_squared += x * scale * (x * scale);
    b_squared += y * scale * (y * scale);
    const double apart = std::abs(x - y);
    row.max_abs = std::max(row.max_abs, apart);
    row.mean_abs += apart / static_cast<double>(a.size());
  }
  row.cosine = cosine_of(dot, a_squared, b_squared);
  return row;
}

void ParityMeter::add(const std::string& origin, std::span<const float> a, std::size_t columns_a,
                      std::span<const float> b, std::size_t columns_b) {
  add(origin, std::vector<double>(a.begin(), a.end()), columns_a, std::vector<double>(b.begin(), b.end()), columns_b);
}

void ParityMeter::add(const std::string& origin, std::span<const double> a, std::size_t columns_a,
                      std::span<const double> b, std::size_t columns_b) {
  const bool same_columns = columns_a == columns_b && (parity_.rows == 0 || parity_.columns == columns_a);
  if (!same_columns || a.size() != b.size()) {
    const std::size_t rows_a = columns_a == 0 ? 0 : a.size() / columns_a;
    const std::size_t rows_b = columns_b == 0 ? 0 : b.size() / columns_b;
    throw Error(ErrorCode::model_mismatch, origin,
                fmt::format("'{}' is [{}, {}] of the one and [{}, {}] of the other; they cannot be compared",
                            parity_.output, rows_a, columns_a, rows_b, columns_b));
  }
  if (columns_a == 0) return;
  parity_.columns = columns_a;
  for (std::size_t begin = 0; begin < a.size(); begin += columns_a) {
    RowDifference row = difference(a.subspan(begin, columns_a), b.subspan(begin, columns_a));
    row.origin = origin;
    row.row = begin / columns_a;
    if (row.finite) {
      cosine_sum_ += row.cosine;
      mean_abs_sum_ += row.mean_abs;
    } else {
      ++parity_.not_finite;
    }
    parity_.cosine_min = std::min(parity_.cosine_min, row.cosine);
    if (parity_.rows == 0 || row.max_abs > parity_.worst.max_abs) parity_.worst = row;
    ++parity_.rows;
  }
}

OutputParity ParityMeter::result() const {
  OutputParity parity = parity_;
  parity.max_abs = parity.worst.max_abs;
  if (parity.rows == 0) return parity;
  const auto finite = static_cast<double>(parity.rows - parity.not_finite);
  parity.cosine_mean = finite > 0 ? cosine_sum_ / finite : 0;
  parity.mean_abs = finite > 0 ? mean_abs_sum_ / finite : kInfinity;
  return parity;
}

}  // namespace vivace::model
