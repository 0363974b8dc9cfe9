#include "library/principal_axes.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "library/unit_vectors.hpp"

namespace vivace::library {
namespace {

constexpr std::size_t kMostRows = 8192;
constexpr int kIterations = 30;

/// Evenly spread rows, [rows, dimension].
std::vector<float> sample_of(std::span<const float> vectors, std::size_t dimension) {
  const std::size_t rows = vectors.size() / dimension;
  const std::size_t taken = std::min(rows, kMostRows);
  std::vector<float> sample;
  sample.reserve(taken * dimension);
  for (std::size_t i = 0; i < taken; ++i) {
    const auto row = vectors.subspan(i * rows / taken * dimension, dimension);
    sample.insert(sample.end(), row.begin(), row.end());
  }
  return sample;
}

std::vector<float> mean_of(std::span<const float> rows, std::size_t dimension) {
  std::vector<double> sums(dimension);
  for (std::size_t i = 0; i < rows.size(); ++i) sums[i % dimension] += rows[i];
  std::vector<float> mean(dimension);
  for (std::size_t i = 0; i < dimension; ++i) {
    mean[i] = static_cast<float>(sums[i] * static_cast<double>(dimension) / static_cast<double>(rows.size()));
  }
  return mean;
}

/// Rows to columns, without the mean: [dimension, rows].
std::vector<float> centred_columns(std::span<const float> rows, std::span<const float> mean) {
  const std::size_t dimension = mean.size();
  const std::size_t count = rows.size() / dimension;
  std::vector<float> columns(rows.size());
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < dimension; ++j) columns[j * count + i] = rows[i * dimension + j] - mean[j];
  }
  return columns;
}

/// [dimension, dimension].
std::vector<float> covariance_of(std::span<const float> columns, std::size_t dimension) {
  const std::size_t count = columns.size() / dimension;
  std::vector<float> covariance(dimension * dimension);
  for (std::size_t i = 0; i < dimension; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      const float value = dot(columns.subspan(i * count, count), columns.subspan(j * count, count));
      covariance[i * dimension + j] = covariance[j * dimension + i] = value / static_cast<float>(count);
    }
  }
  return covariance;
}

std::vector<float> times(std::span<const float> matrix, std::span<const float> vector) {
  std::vector<float> product(vector.size());
  for (std::size_t i = 0; i < vector.size(); ++i) {
    product[i] = dot(matrix.subspan(i * vector.size(), vector.size()), vector);
  }
  return product;
}

/// Any direction, always the same ones.
class Directions {
 public:
  void fill(std::span<float> vector) {
    for (float& value : vector) value = static_cast<float>(random_()) / 2147483648.0F - 1;
  }

 private:
  std::mt19937 random_{20240229};
};

/// Takes from an axis what lies along those before it, and makes it one long; a new direction where nothing is left.
void make_orthonormal(std::span<float> axes, std::size_t dimension, std::size_t index, Directions& directions) {
  const auto axis = axes.subspan(index * dimension, dimension);
  while (true) {
    const float before = std::sqrt(dot(axis, axis));
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t i = 0; i < index; ++i) {
        const auto other = axes.subspan(i * dimension, dimension);
        const float share = dot(axis, other);
        for (std::size_t j = 0; j < dimension; ++j) axis[j] -= share * other[j];
      }
    }
    constexpr float kLeft = 1e-4F;
    if (std::sqrt(dot(axis, axis)) > kLeft * before && normalise(axis)) return;
    directions.fill(axis);
  }
}

/// Orthogonal iteration (Golub, Van Loan: Matrix Computations, 8.2.4).
std::vector<float> iterate(std::span<const float> covariance, std::size_t dimension, std::size_t count) {
  std::vector<float> axes(count * dimension);
  const std::span<float> all(axes);
  Directions directions;
  directions.fill(all);
  for (std::size_t i = 0; i < count; ++i) make_orthonormal(all, dimension, i, directions);
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::vector<float> turned = times(covariance, all.subspan(i * dimension, dimension));
      std::copy(turned.begin(), turned.end(), all.begin() + static_cast<std::ptrdiff_t>(i * dimension));
    }
    for (std::size_t i = 0; i < count; ++i) make_orthonormal(all, dimension, i, directions);
  }
  return axes;
}

}  // namespace

PrincipalAxes principal_axes(std::span<const float> vectors, std::size_t dimension, std::size_t count) {
  const std::vector<float> sample = sample_of(vectors, dimension);
  PrincipalAxes found;
  found.mean = mean_of(sample, dimension);
  const std::vector<float> covariance = covariance_of(centred_columns(sample, found.mean), dimension);
  found.axes = iterate(covariance, dimension, count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto axis = std::span(found.axes).subspan(i * dimension, dimension);
    found.variances.push_back(dot(times(covariance, axis), axis));
  }
  for (std::size_t i = 0; i < dimension; ++i) found.total_variance += covariance[i * dimension + i];
  return found;
}

}  // namespace vivace::library
