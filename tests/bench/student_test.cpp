#include "bench/student.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace vivace::bench {
namespace {

struct Published {
  double probability;
  double degrees;
  double quantile;
};

// NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2; the normal quantile for many degrees.
TEST(StudentQuantile, IsThePublishedOne) {
  for (const Published& row : {Published{0.975, 10, 2.228},
                               {0.995, 7, 3.499},
                               {0.95, 31, 1.696},
                               {0.999, 5, 5.893},
                               {0.9, 100, 1.290},
                               {0.975, 1e9, 1.960}}) {
    EXPECT_NEAR(student_quantile(row.probability, row.degrees), row.quantile, 5e-4) << row.degrees;
  }
}

// Of 1 and 2 degrees the distribution has a closed form.
TEST(StudentQuantile, IsTheClosedForm) {
  for (const double p : {0.001, 0.2, 0.5, 0.9, 0.9999}) {
    EXPECT_NEAR(student_quantile(p, 1), std::tan(std::numbers::pi * (p - 0.5)),
                1e-6 * std::abs(std::tan(std::numbers::pi * (p - 0.5))) + 1e-9);
    const double of_two = (2 * p - 1) * std::sqrt(2 / (4 * p * (1 - p)));
    EXPECT_NEAR(student_quantile(p, 2), of_two, 1e-7 * std::abs(of_two) + 1e-9);
  }
}

TEST(StudentQuantile, OfOtherDegreesLiesBetween) {
  const double between = student_quantile(0.99, 4.5);
  EXPECT_LT(between, student_quantile(0.99, 4));
  EXPECT_GT(between, student_quantile(0.99, 5));
}

}  // namespace
}  // namespace vivace::bench
