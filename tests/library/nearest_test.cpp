#include "library/nearest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "library/best_rows.hpp"
#include "library/principal_axes.hpp"
#include "model_library.hpp"

namespace vivace::library {
namespace {

constexpr std::size_t kRows = 20000;
constexpr std::size_t kDimension = 50;

/// Unit vectors around `centres` points.
std::vector<float> clustered(std::size_t centres) {
  const std::vector<float> middle = random_numbers(centres * kDimension, 1);
  std::vector<float> vectors = random_numbers(kRows * kDimension, 2);
  for (std::size_t row = 0; row < kRows; ++row) {
    const auto vector = std::span(vectors).subspan(row * kDimension, kDimension);
    for (std::size_t i = 0; i < kDimension; ++i) {
      vector[i] = middle[row % centres * kDimension + i] + 0.4F * vector[i] / (1 + static_cast<float>(i) / 5);
    }
    normalise(vector);
  }
  return vectors;
}

/// The definition, in double precision.
std::vector<std::size_t> by_definition(const UnitVectors& vectors, std::span<const float> query, std::size_t count,
                                       const std::vector<std::uint8_t>& allowed) {
  std::vector<double> cosines(vectors.rows(), -2);
  for (std::size_t row = 0; row < vectors.rows(); ++row) {
    if (allowed[row] != 0) {
      const auto vector = vectors.row(row);
      cosines[row] = std::inner_product(vector.begin(), vector.end(), query.begin(), 0.0);
    }
  }
  std::vector<std::size_t> rows(vectors.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count), rows.end(),
                    [&](std::size_t a, std::size_t b) { return cosines[a] > cosines[b]; });
  rows.resize(count);
  return rows;
}

std::vector<std::size_t> rows_of(const std::vector<Neighbour>& neighbours) {
  std::vector<std::size_t> rows;
  for (const Neighbour& neighbour : neighbours) rows.push_back(neighbour.row);
  return rows;
}

std::vector<std::uint8_t> every(std::size_t step) {
  std::vector<std::uint8_t> allowed(kRows);
  for (std::size_t row = 0; row < kRows; row += step) allowed[row] = 1;
  return allowed;
}

TEST(Nearest, ExactSearchFindsWhatTheDefinitionSays) {
  const std::vector<float> values = clustered(100);
  const UnitVectors vectors{values, kDimension};
  for (const std::size_t step : {1, 7}) {
    const std::vector<std::uint8_t> allowed = every(step);
    const auto found = nearest_exactly(vectors, vectors.row(77), 20, allowed);
    EXPECT_EQ(rows_of(found), by_definition(vectors, vectors.row(77), 20, allowed));
  }
}

TEST(Nearest, SearchByCodesFindsAtLeast98Percent) {
  for (const std::size_t centres : {1, 100}) {
    const std::vector<float> values = clustered(centres);
    const UnitVectors vectors{values, kDimension};
    const CodeBasis basis = choose_basis(vectors);
    const std::vector<std::int8_t> codes = encode(basis, vectors);
    const std::vector<std::uint8_t> allowed = every(2);
    std::size_t hits = 0;
    for (std::size_t query = 0; query < 50; ++query) {
      const auto exact = rows_of(nearest_exactly(vectors, vectors.row(query * 97), 20, allowed));
      for (const Neighbour& neighbour : nearest_by_codes(vectors, basis, codes, vectors.row(query * 97), 20, allowed)) {
        EXPECT_EQ(allowed[neighbour.row], 1);
        hits += static_cast<std::size_t>(std::count(exact.begin(), exact.end(), neighbour.row));
      }
    }
    EXPECT_GE(hits, 980U) << centres << " centres";
  }
}

TEST(Nearest, CodesOfVectorsInAFewDirectionsAreShort) {
  std::vector<float> values = random_numbers(2000 * 200, 3);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= i % 200 < 20 ? 1.0F : 0.01F;
  for (std::size_t row = 0; row < 2000; ++row) normalise(std::span(values).subspan(row * 200, 200));
  EXPECT_EQ(choose_basis({values, 200}).stride, 32U);
}

TEST(Nearest, MoreNeighboursThanRowsAreAllRows) {
  const std::vector<float> values = {1, 0, 0, 1};
  const std::vector<std::uint8_t> allowed = {1, 1};
  const UnitVectors vectors{values, 2};
  EXPECT_EQ(rows_of(nearest_exactly(vectors, vectors.row(1), 9, allowed)), (std::vector<std::size_t>{1, 0}));
}

TEST(BestRows, KeepTheFirstOfEqualScoresAndNeverWhatIsNoNumber) {
  BestRows<float> best(2);
  const float scores[] = {std::nanf(""), 1, 3, 1, 3, std::nanf(""), 3, 2};
  for (std::size_t i = 0; i < std::size(scores); ++i) best.offer(i, scores[i]);
  const auto sorted = best.sorted();
  ASSERT_EQ(sorted.size(), 2U);
  EXPECT_EQ(sorted[0].row, 2U);
  EXPECT_EQ(sorted[1].row, 4U);
}

TEST(PrincipalAxes, AreThoseOfAKnownDistribution) {
  // Variances 9, 4 and 1 along the axes of a rotation by 30 degrees in the first two dimensions.
  const double c = std::cos(M_PI / 6);
  const double s = std::sin(M_PI / 6);
  std::vector<float> vectors = random_numbers(3 * 8000, 4);
  for (std::size_t i = 0; i < vectors.size(); i += 3) {
    const double a = 3 * vectors[i];
    const double b = 2 * vectors[i + 1];
    vectors[i] = static_cast<float>(c * a - s * b + 5);
    vectors[i + 1] = static_cast<float>(s * a + c * b);
  }
  const PrincipalAxes axes = principal_axes(vectors, 3, 2);
  EXPECT_NEAR(axes.mean[0], 5, 0.15);
  EXPECT_NEAR(axes.variances[0], 9, 0.5);
  EXPECT_NEAR(axes.variances[1], 4, 0.25);
  EXPECT_NEAR(axes.total_variance, 14, 0.7);
  EXPECT_NEAR(std::abs(c * axes.axes[0] + s * axes.axes[1]), 1, 0.01);
}

TEST(PrincipalAxes, OfEqualVectorsAreStillOrthonormal) {
  const std::vector<float> vectors(5 * 4, 0.5F);
  const PrincipalAxes axes = principal_axes(vectors, 4, 4);
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      EXPECT_NEAR(dot(std::span(axes.axes).subspan(i * 4, 4), std::span(axes.axes).subspan(j * 4, 4)), i == j, 1e-5);
    }
  }
}

}  // namespace
}  // namespace vivace::library
