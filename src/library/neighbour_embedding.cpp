#include "library/neighbour_embedding.hpp"

#include <algorithm>
#include <cmath>

#include "base/vectorised.hpp"
#include "library/principal_axes.hpp"

namespace vivace::library {
namespace {

constexpr std::size_t kFewest = 8;
constexpr double kPerplexity = 30;
constexpr int kIterations = 400;
constexpr int kExaggerated = 100;  // iterations in which attraction is stronger, so that clusters form
constexpr float kExaggeration = 12;
constexpr float kFirstSpread = 1e-2F;
constexpr float kLeastGain = 0.01F;

/// Coordinates along the first two principal axes.
std::vector<MapPlace> principal_places(const UnitVectors& vectors) {
  const std::size_t dimension = vectors.dimension;
  const PrincipalAxes axes = principal_axes(vectors.values, dimension, std::min<std::size_t>(dimension, 2));
  std::vector<MapPlace> places(vectors.rows());
  for (std::size_t row = 0; row < places.size(); ++row) {
    std::vector<float> vector(vectors.row(row).begin(), vectors.row(row).end());
    for (std::size_t i = 0; i < dimension; ++i) vector[i] -= axes.mean[i];
    const std::span<const float> all(axes.axes);
    places[row].x = dot(all.first(dimension), vector);
    if (dimension > 1) places[row].y = dot(all.subspan(dimension, dimension), vector);
  }
  return places;
}

/// Weights exp(-beta d) of the others, with the entropy of their distribution.
double weigh(const std::vector<double>& distances, std::size_t self, double beta, std::vector<double>& weights) {
  const double least = *std::min_element(distances.begin(), distances.end());
  double sum = 0;
  double mean = 0;
  for (std::size_t j = 0; j < distances.size(); ++j) {
    weights[j] = j == self ? 0 : std::exp(-beta * (distances[j] - least));
    sum += weights[j];
    mean += weights[j] * (distances[j] - least);
  }
  for (double& weight : weights) weight /= sum;
  return std::log(sum) + beta * mean / sum;
}

/// How likely the others are neighbours of one, for a given number of neighbours.
std::vector<double> neighbourhood(const std::vector<double>& distances, std::size_t self, double perplexity) {
  std::vector<double> weights(distances.size());
  const double wanted = std::log(perplexity);
  double beta = 1;
  double low = 0;
  double high = 0;
  constexpr int kSteps = 60;
  for (int step = 0; step < kSteps; ++step) {
    const double entropy = weigh(distances, self, beta, weights);
    constexpr double kNearEnough = 1e-5;
    if (std::abs(entropy - wanted) < kNearEnough) break;
    (entropy > wanted ? low : high) = beta;
    beta = high > 0 ? (low + high) / 2 : beta * 2;
  }
  return weights;
}

/// The affinities p of all pairs, [rows, rows], symmetric, of sum 1.
std::vector<float> affinities(const UnitVectors& vectors) {
  const std::size_t rows = vectors.rows();
  const double perplexity = std::min(kPerplexity, static_cast<double>(rows - 1) / 3);
  std::vector<float> all(rows * rows);
  for (std::size_t i = 0; i < rows; ++i) {
    std::vector<double> distances(rows);
    for (std::size_t j = 0; j < rows; ++j) distances[j] = 2 - 2 * dot(vectors.row(i), vectors.row(j));
    const std::vector<double> weights = neighbourhood(distances, i, perplexity);
    for (std::size_t j = 0; j < rows; ++j) {
      const auto half = static_cast<float>(weights[j] / (2 * static_cast<double>(rows)));
      all[i * rows + j] += half;
      all[j * rows + i] += half;
    }
  }
  return all;
}

/// kernel[j] = 1 / (1 + distance from (x, y) to j, squared).
VIVACE_VECTORISED void fill_kernel(float x, float y, const float* xs, const float* ys, float* kernel,
                                   std::size_t rows) {
  for (std::size_t j = 0; j < rows; ++j) {
    const float dx = x - xs[j];
    const float dy = y - ys[j];
    kernel[j] = 1 / (1 + dx * dx + dy * dy);
  }
}

/// Turns a row of the kernel into the pull of each other point.
VIVACE_VECTORISED void fill_pull(const float* affinity, float exaggeration, float total, float* kernel,
                                 std::size_t rows) {
  for (std::size_t j = 0; j < rows; ++j) {
    kernel[j] = (exaggeration * affinity[j] - kernel[j] / total) * kernel[j];
  }
}

/// The state of the descent.
class Descent {
 public:
  Descent(const std::vector<float>& affinity, const std::vector<MapPlace>& start)
      : affinity_(affinity), rows_(start.size()), ones_(rows_, 1), kernel_(rows_ * rows_) {
    double squares = 0;
    for (const MapPlace& place : start) squares += place.x * place.x;
    const auto scale = static_cast<float>(kFirstSpread / std::sqrt(squares / static_cast<double>(rows_) + 1e-30));
    for (const MapPlace& place : start) {
      places_[0].push_back(static_cast<float>(place.x) * scale);
      places_[1].push_back(static_cast<float>(place.y) * scale);
    }
    for (int axis = 0; axis < 2; ++axis) {
      steps_[axis].resize(rows_);
      gains_[axis].assign(rows_, 1);
    }
  }

  void step(float exaggeration, float momentum, float rate) {
    const float total = fill_kernels();
    std::vector<float> gradients[2] = {std::vector<float>(rows_), std::vector<float>(rows_)};
    for (std::size_t i = 0; i < rows_; ++i) {
      const std::span<float> pull = std::span(kernel_).subspan(i * rows_, rows_);
      fill_pull(affinity_.data() + i * rows_, exaggeration, total, pull.data(), rows_);
      const float sum = dot(pull, ones_);
      for (int axis = 0; axis < 2; ++axis) gradients[axis][i] = 4 * (places_[axis][i] * sum - dot(pull, places_[axis]));
    }
    for (int axis = 0; axis < 2; ++axis) move(axis, gradients[axis], momentum, rate);
  }

  std::vector<MapPlace> places() const {
    std::vector<MapPlace> places(rows_);
    for (std::size_t i = 0; i < rows_; ++i) places[i] = {places_[0][i], places_[1][i]};
    return places;
  }

 private:
  /// The sum over all pairs.
  float fill_kernels() {
    double total = 0;
    for (std::size_t i = 0; i < rows_; ++i) {
      const std::span<float> row = std::span(kernel_).subspan(i * rows_, rows_);
      fill_kernel(places_[0][i], places_[1][i], places_[0].data(), places_[1].data(), row.data(), rows_);
      row[i] = 0;
      total += dot(row, ones_);
    }
    return static_cast<float>(total);
  }

  void move(int axis, const std::vector<float>& gradient, float momentum, float rate) {
    for (std::size_t i = 0; i < rows_; ++i) {
      float& gain = gains_[axis][i];
      float& step = steps_[axis][i];
      gain = (gradient[i] > 0) == (step > 0) ? std::max(gain * 0.8F, kLeastGain) : gain + 0.2F;
      step = momentum * step - rate * gain * gradient[i];
      places_[axis][i] += step;
    }
  }

  const std::vector<float>& affinity_;
  std::size_t rows_;
  std::vector<float> ones_;
  std::vector<float> kernel_;
  std::vector<float> places_[2];
  std::vector<float> steps_[2];
  std::vector<float> gains_[2];
};

}  // namespace

std::vector<MapPlace> neighbour_embedding(const UnitVectors& vectors) {
  const std::vector<MapPlace> start = principal_places(vectors);
  if (start.size() < kFewest) return start;
  const std::vector<float> affinity = affinities(vectors);
  Descent descent(affinity, start);
  const float rate = std::max(static_cast<float>(start.size()) / kExaggeration / 4, 50.0F);
  for (int i = 0; i < kIterations; ++i) {
    const bool early = i < kExaggerated;
    descent.step(early ? kExaggeration : 1, early ? 0.5F : 0.8F, rate);
  }
  return descent.places();
}

}  // namespace vivace::library
