#include "bench/student.hpp"

#include <cmath>
#include <limits>

namespace vivace::bench {
namespace {

/// The continued fraction of the incomplete beta function (DLMF 8.17.22), evaluated by Lentz's method.
double beta_fraction(double x, double a, double b) {
  constexpr int kMostTerms = 500;
  constexpr double kTiny = 1e-300;
  constexpr double kPrecise = 1e-15;
  double value = 1;
  double numerator = 1;
  double denominator = 0;
  for (int term = 0; term < kMostTerms; ++term) {
    const int m = term / 2;
    double coefficient = 1;
    if (term > 0) {
      coefficient = term % 2 == 0 ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                                  : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    }
    denominator = 1 + coefficient * denominator;
    denominator = 1 / (std::abs(denominator) < kTiny ? kTiny : denominator);
    numerator = 1 + coefficient / numerator;
    if (std::abs(numerator) < kTiny) numerator = kTiny;
    const double step = numerator * denominator;
    value *= step;
    if (std::abs(step - 1) < kPrecise && term > 0) break;
  }
  return value - 1;
}

/// The regularized incomplete beta function I_x(a, b), 0 <= x <= 1.
double incomplete_beta(double x, double a, double b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incomplete_beta(1 - x, b, a);
  const double front =
      std::exp(a * std::log(x) + b * std::log1p(-x) + std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b)) / a;
  return front * beta_fraction(x, a, b);
}

/// The probability of a value above `t` >= 0.
double upper_tail(double t, double degrees) {
  return incomplete_beta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
}

}  // namespace

double student_quantile(double probability, double degrees) {
  if (probability < 0.5) return -student_quantile(1 - probability, degrees);
  const double tail = 1 - probability;
  double low = 0;
  double high = 1;
  while (upper_tail(high, degrees) > tail && high < std::numeric_limits<double>::max() / 4) high *= 2;
  for (int halving = 0; halving < 100; ++halving) {
    const double middle = (low + high) / 2;
    (upper_tail(middle, degrees) > tail ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace vivace::bench
