#include "library/vector_codes.hpp"

#include <algorithm>
#include <cmath>

#include "base/vectorised.hpp"
#include "library/parts.hpp"
#include "library/principal_axes.hpp"

namespace vivace::library {
namespace {

constexpr std::size_t kStep = 32;       // bytes of a code that are added up at once
constexpr std::size_t kMostAxes = 128;  // beyond that the coordinates themselves cost as little
constexpr double kKeptVariance = 0.98;
constexpr float kLargestCode = 127;
constexpr std::size_t kScaleRows = 4096;  // that are looked at for the largest value

std::size_t padded(std::size_t size) { return (size + kStep - 1) / kStep * kStep; }

VIVACE_VECTORISED void score(const std::int8_t* codes, const std::int8_t* code, std::size_t stride,
                             std::int32_t* scores, std::size_t rows) {
  for (std::size_t row = 0; row < rows; ++row) {
    const std::int8_t* other = codes + row * stride;
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < stride; ++i) {
      sum += static_cast<std::int16_t>(code[i]) * static_cast<std::int16_t>(other[i]);
    }
    scores[row] = sum;
  }
}

/// How many axes, in whole steps, hold the variance that is to be kept; 0: too many.
std::size_t axes_to_keep(const PrincipalAxes& axes) {
  double kept = 0;
  for (std::size_t i = 0; i < axes.variances.size(); ++i) {
    kept += axes.variances[i];
    if (kept >= kKeptVariance * axes.total_variance) return std::min(padded(i + 1), axes.variances.size());
  }
  return 0;
}

std::vector<float> along_axes(const CodeBasis& basis, std::span<const float> vector) {
  if (basis.axes.empty()) return {vector.begin(), vector.end()};
  std::vector<float> places;
  for (std::size_t first = 0; first < basis.axes.size(); first += vector.size()) {
    places.push_back(dot(std::span(basis.axes).subspan(first, vector.size()), vector));
  }
  return places;
}

std::vector<float> centred(const CodeBasis& basis, std::span<const float> vector) {
  std::vector<float> difference(vector.begin(), vector.end());
  for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= basis.mean[i];
  return difference;
}

float largest(std::span<const float> values) {
  float found = 0;
  for (const float value : values) found = std::max(found, std::abs(value));
  return found;
}

void quantise(std::span<const float> values, float steps, std::span<std::int8_t> code) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    // In this order what is no number becomes one too.
    code[i] = static_cast<std::int8_t>(std::min(kLargestCode, std::max(-kLargestCode, std::round(values[i] * steps))));
  }
}

float steps_for(float largest_value) { return largest_value > 0 ? kLargestCode / largest_value : 1; }

}  // namespace

CodeBasis choose_basis(const UnitVectors& vectors) {
  const std::size_t dimension = vectors.dimension;
  PrincipalAxes axes = principal_axes(vectors.values, dimension, std::min(dimension, kMostAxes));
  const std::size_t kept = axes_to_keep(axes);
  CodeBasis basis;
  basis.mean = std::move(axes.mean);
  axes.axes.resize(kept * dimension);
  basis.axes = std::move(axes.axes);
  basis.stride = padded(kept > 0 ? kept : dimension);
  float most = 0;
  const std::size_t looked_at = std::min(vectors.rows(), kScaleRows);
  for (std::size_t i = 0; i < looked_at; ++i) {
    const auto row = vectors.row(i * vectors.rows() / looked_at);
    most = std::max(most, largest(along_axes(basis, centred(basis, row))));
  }
  basis.steps = steps_for(most);
  return basis;
}

std::vector<std::int8_t> encode(const CodeBasis& basis, const UnitVectors& vectors) {
  std::vector<std::int8_t> codes(vectors.rows() * basis.stride);
  in_parts(vectors.rows(), [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      const std::span<std::int8_t> code = std::span(codes).subspan(row * basis.stride, basis.stride);
      quantise(along_axes(basis, centred(basis, vectors.row(row))), basis.steps, code);
    }
  });
  return codes;
}

std::vector<std::int8_t> encode_query(const CodeBasis& basis, std::span<const float> query) {
  std::vector<std::int8_t> code(basis.stride);
  const std::vector<float> places = along_axes(basis, query);
  quantise(places, steps_for(largest(places)), code);
  return code;
}

void score_codes(std::span<const std::int8_t> codes, std::span<const std::int8_t> code,
                 std::span<std::int32_t> scores) {
  score(codes.data(), code.data(), code.size(), scores.data(), scores.size());
}

}  // namespace vivace::library
