#include "library/map_layout.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "library/nearest.hpp"
#include "library/neighbour_embedding.hpp"

namespace vivace::library {
namespace {

constexpr std::size_t kMostLandmarks = 1000;
constexpr std::size_t kAnchors = 5;  // landmarks that decide the place of another vector

/// Evenly spread rows, ascending: one out of each of as many stretches, so that no regular order of rows leaves any
/// kind out.
std::vector<std::size_t> landmark_rows(std::size_t rows) {
  const std::size_t count = std::min(rows, kMostLandmarks);
  std::mt19937 random;
  std::vector<std::size_t> chosen(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t first = i * rows / count;
    chosen[i] = first + random() % ((i + 1) * rows / count - first);
  }
  return chosen;
}

std::vector<float> values_of(const UnitVectors& vectors, const std::vector<std::size_t>& rows) {
  std::vector<float> values;
  values.reserve(rows.size() * vectors.dimension);
  for (const std::size_t row : rows) {
    const auto vector = vectors.row(row);
    values.insert(values.end(), vector.begin(), vector.end());
  }
  return values;
}

/// Between the landmarks that a vector resembles most, nearer to those that it resembles more.
MapPlace place_between(const UnitVectors& landmarks, const std::vector<MapPlace>& places, std::span<const float> vector,
                       const std::vector<std::uint8_t>& all) {
  const std::vector<Neighbour> nearest = nearest_exactly(landmarks, vector, kAnchors, all);
  constexpr double kLeastDistance = 1e-6;
  double weights = 0;
  MapPlace place;
  for (const Neighbour& neighbour : nearest) {
    const double distance = std::max(1.0 - neighbour.similarity, kLeastDistance);
    const double weight = 1 / (distance * distance);
    weights += weight;
    place.x += weight * places[neighbour.row].x;
    place.y += weight * places[neighbour.row].y;
  }
  return {place.x / weights, place.y / weights};
}

/// Stretches both directions alike, so that the longer one is 0 … 1 and the other in its middle.
void fit_into_square(std::vector<MapPlace>& places) {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  double low_x = kFar;
  double low_y = kFar;
  double high_x = -kFar;
  double high_y = -kFar;
  for (const MapPlace& place : places) {
    low_x = std::min(low_x, place.x);
    high_x = std::max(high_x, place.x);
    low_y = std::min(low_y, place.y);
    high_y = std::max(high_y, place.y);
  }
  const double size = std::max(high_x - low_x, high_y - low_y);
  for (MapPlace& place : places) {
    place.x = size > 0 ? 0.5 + (place.x - (low_x + high_x) / 2) / size : 0.5;
    place.y = size > 0 ? 0.5 + (place.y - (low_y + high_y) / 2) / size : 0.5;
  }
}

}  // namespace

std::vector<MapPlace> map_layout(const UnitVectors& vectors) {
  const std::vector<std::size_t> rows = landmark_rows(vectors.rows());
  const std::vector<float> values = values_of(vectors, rows);
  const UnitVectors landmarks{values, vectors.dimension};
  const std::vector<MapPlace> landmark_places = neighbour_embedding(landmarks);
  const std::vector<std::uint8_t> all(rows.size(), 1);
  std::vector<MapPlace> places(vectors.rows());
  std::size_t next = 0;
  for (std::size_t row = 0; row < places.size(); ++row) {
    const bool is_landmark = next < rows.size() && rows[next] == row;
    places[row] =
        is_landmark ? landmark_places[next++] : place_between(landmarks, landmark_places, vectors.row(row), all);
  }
  fit_into_square(places);
  return places;
}

}  // namespace vivace::library
