#include "tasks/separate/wiener_filter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace vivace::separate {
namespace {

using Complex = std::complex<double>;

// norbert takes that of the spectrum's type, which is single precision in Spleeter. It decides how quiet bins are
// shared.
constexpr double kEpsilon = std::numeric_limits<float>::epsilon();

/// A 2 x 2 matrix, row-major.
using Matrix = std::array<Complex, kStereo * kStereo>;

Matrix product(const Matrix& a, const Matrix& b) {
  return {a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3]};
}

Matrix inverse(const Matrix& m) {
  const Complex factor = 1.0 / (m[0] * m[3] - m[1] * m[2]);
  return {factor * m[3], -factor * m[1], -factor * m[2], factor * m[0]};
}

/// What is known of a stem: its power a frame and its spatial covariance.
struct Gaussian {
  std::vector<double> power;
  Matrix covariance{};
};

Gaussian model_of(std::span<const Complex> stem) {
  const std::size_t frames = stem.size() / kStereo;
  const std::span<const Complex> left = stem.first(frames);
  const std::span<const Complex> right = stem.subspan(frames);
  Gaussian model{std::vector<double>(frames), {}};
  double weight = kEpsilon;
  for (std::size_t t = 0; t < frames; ++t) {
    model.power[t] = (std::norm(left[t]) + std::norm(right[t])) / 2;
    weight += model.power[t];
    model.covariance[0] += std::norm(left[t]);
    model.covariance[1] += left[t] * std::conj(right[t]);
    model.covariance[3] += std::norm(right[t]);
  }
  model.covariance[2] = std::conj(model.covariance[1]);
  for (Complex& value : model.covariance) value /= weight;
  return model;
}

void refine_once(std::span<const Complex> mix, std::span<Complex> stems) {
  const std::size_t frames = mix.size() / kStereo;
  const double regularisation = std::sqrt(kEpsilon);
  std::vector<Gaussian> models;
  for (std::size_t begin = 0; begin < stems.size(); begin += mix.size()) {
    models.push_back(model_of(stems.subspan(begin, mix.size())));
  }
  for (std::size_t t = 0; t < frames; ++t) {
    Matrix total{regularisation, 0, 0, regularisation};
    for (const Gaussian& model : models) {
      for (std::size_t i = 0; i < total.size(); ++i) total[i] += model.power[t] * model.covariance[i];
    }
    const Matrix inverted = inverse(total);
    for (std::size_t j = 0; j < models.size(); ++j) {
      const Matrix gain = product(models[j].covariance, inverted);
      Complex* stem = stems.data() + j * mix.size() + t;
      stem[0] = models[j].power[t] * (gain[0] * mix[t] + gain[1] * mix[frames + t]);
      stem[frames] = models[j].power[t] * (gain[2] * mix[t] + gain[3] * mix[frames + t]);
    }
  }
}

}  // namespace

void refine_bin(std::span<const Complex> mix, std::span<Complex> stems, double level, std::size_t iterations) {
  constexpr double kHeadroom = 10;  // norbert works on magnitudes of at most this
  const double divisor = std::max(1.0, level / kHeadroom);
  std::vector<Complex> scaled(mix.begin(), mix.end());
  for (Complex& value : scaled) value /= divisor;
  for (Complex& value : stems) value /= divisor;
  for (std::size_t i = 0; i < iterations; ++i) refine_once(scaled, stems);
  for (Complex& value : stems) value *= divisor;
}

}  // namespace vivace::separate
