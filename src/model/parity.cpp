#include "model/parity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "vivace/error.hpp"

namespace vivace::model {
namespace {

double cosine_of(double dot, double a_squared, double b_squared) {
  if (a_squared == 0 && b_squared == 0) return 1;
  if (a_squared == 0 || b_squared == 0) return 0;
  return dot / std::sqrt(a_squared * b_squared);
}

double distance(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  const double apart = std::abs(a - b);
  return std::isfinite(apart) ? apart : std::numeric_limits<double>::infinity();
}

}  // namespace

RowDifference difference(std::span<const float> a, std::span<const float> b) {
  RowDifference row;
  double dot = 0;
  double a_squared = 0;
  double b_squared = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i];
    const double y = b[i];
    dot += x * y;
    a_squared += x * x;
    b_squared += y * y;
    const double apart = distance(x, y);
    row.max_abs = std::max(row.max_abs, apart);
    row.mean_abs += apart / static_cast<double>(a.size());
  }
  row.cosine = cosine_of(dot, a_squared, b_squared);
  return row;
}

void ParityMeter::add(const std::string& origin, std::span<const float> a, std::size_t columns_a,
                      std::span<const float> b, std::size_t columns_b) {
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
    cosine_sum_ += row.cosine;
    mean_abs_sum_ += row.mean_abs;
    parity_.cosine_min = std::min(parity_.cosine_min, row.cosine);
    if (parity_.rows == 0 || row.max_abs > parity_.worst.max_abs) parity_.worst = row;
    ++parity_.rows;
  }
}

OutputParity ParityMeter::result() const {
  OutputParity parity = parity_;
  parity.max_abs = parity.worst.max_abs;
  if (parity.rows > 0) {
    parity.cosine_mean = cosine_sum_ / static_cast<double>(parity.rows);
    parity.mean_abs = mean_abs_sum_ / static_cast<double>(parity.rows);
  }
  return parity;
}

}  // namespace vivace::model
