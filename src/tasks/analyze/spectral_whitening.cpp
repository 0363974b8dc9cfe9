#include "tasks/analyze/spectral_whitening.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/vectorised.hpp"

namespace vivace::analyze {
namespace {

constexpr double kNodeHz = 100;
constexpr double kLowRatio = 0.66;
constexpr double kHighRatio = 1.58;
constexpr double kLeastHz = 50;
constexpr double kRangeDb = 15;
constexpr double kSilentDb = -100;
constexpr double kFallDbPerHz = 0.0025;
constexpr double kLeastPower = 1e-60;
constexpr std::size_t kLanes = 16;

struct Sums {
  float first = 0;
  float second = 0;
};

/// The sums of w p and w p^2.
VIVACE_VECTORISED Sums weighted_sums(const float* weights, const float* powers, std::size_t count) {
  std::array<float, kLanes> first{};
  std::array<float, kLanes> second{};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float product = weights[i + lane] * powers[i + lane];
      first[lane] += product;
      second[lane] += product * powers[i + lane];
    }
  }
  Sums sums;
  for (; i < count; ++i) {
    const float product = weights[i] * powers[i];
    sums.first += product;
    sums.second += product * powers[i];
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    sums.first += first[lane];
    sums.second += second[lane];
  }
  return sums;
}

}  // namespace

SpectralWhitening::SpectralWhitening(std::size_t bins, double bin_hz, double high_hz) : powers_(bins) {
  const auto node_count = static_cast<std::size_t>(std::ceil(high_hz / kNodeHz)) + 1;
  for (std::size_t node = 0; node < node_count; ++node) {
    const double hz = static_cast<double>(node) * kNodeHz;
    const double low = std::max(0.0, std::round(std::min(kLowRatio * hz, hz - kLeastHz) / bin_hz));
    const double high = std::round(std::max(kHighRatio * hz, hz + kLeastHz) / bin_hz);
    const auto first = static_cast<std::size_t>(low);
    const std::size_t last = std::min(static_cast<std::size_t>(high), bins - 1);
    nodes_.push_back({first, weights_.size(), last + 1 - first});
    for (std::size_t bin = first; bin <= last; ++bin) {
      const double distance = std::abs(2 * static_cast<double>(bin) - low - high) / (high - low);
      weights_.push_back(static_cast<float>(std::pow(1 - distance, 4)));
    }
  }
  envelope_.resize(nodes_.size());
}

void SpectralWhitening::apply(std::span<const float> magnitudes, std::span<SpectralPeak> peaks) {
  measure(magnitudes);
  for (SpectralPeak& peak : peaks) {
    const auto hz = static_cast<double>(peak.hz);
    double decibels = std::min(0.0, 10 * std::log10(static_cast<double>(peak.magnitude)) - envelope_at(hz));
    if (decibels <= -kRangeDb) decibels = kSilentDb;
    peak.magnitude = static_cast<float>(std::pow(10, (decibels - kFallDbPerHz * hz) / 10));
  }
}

void SpectralWhitening::measure(std::span<const float> magnitudes) {
  const float highest = *std::max_element(magnitudes.begin(), magnitudes.end());
  const float scale = highest > 0 ? 1 / highest : 0;  // keeps fourth powers in the range of float
  for (std::size_t i = 0; i < powers_.size(); ++i) powers_[i] = scale * magnitudes[i] * (scale * magnitudes[i]);
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    const Node& place = nodes_[node];
    const Sums sums =
        weighted_sums(weights_.data() + place.first_weight, powers_.data() + place.first_bin, place.count);
    const double ratio = sums.first > 0 ? static_cast<double>(sums.second) / static_cast<double>(sums.first) : 0;
    envelope_[node] = 5 * std::log10(std::max(ratio, kLeastPower)) - (scale > 0 ? 10 * std::log10(scale) : 0);
  }
}

double SpectralWhitening::envelope_at(double hz) const {
  const double position = hz / kNodeHz;
  const std::size_t node = std::min(static_cast<std::size_t>(position), nodes_.size() - 2);
  const double share = position - static_cast<double>(node);
  return envelope_[node] + share * (envelope_[node + 1] - envelope_[node]);
}

}  // namespace vivace::analyze
