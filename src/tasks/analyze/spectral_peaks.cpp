#include "tasks/analyze/spectral_peaks.hpp"

#include <algorithm>
#include <cmath>

namespace vivace::analyze {
namespace {

/// The vertex of the parabola through three neighbours, the middle one the highest.
SpectralPeak vertex(std::span<const float> magnitudes, std::size_t bin, double bin_hz) {
  const auto left = static_cast<double>(magnitudes[bin - 1]);
  const auto middle = static_cast<double>(magnitudes[bin]);
  const auto right = static_cast<double>(magnitudes[bin + 1]);
  const double curve = left - 2 * middle + right;
  const double offset = curve == 0 ? 0 : 0.5 * (left - right) / curve;
  return {static_cast<float>((static_cast<double>(bin) + offset) * bin_hz),
          static_cast<float>(middle - 0.25 * (left - right) * offset)};
}

}  // namespace

void find_peaks(std::span<const float> magnitudes, const PeakRange& range, std::vector<SpectralPeak>& peaks) {
  peaks.clear();
  const auto first = static_cast<std::size_t>(std::ceil(range.low_hz / range.bin_hz));
  const std::size_t last =
      std::min(magnitudes.size() - 1, static_cast<std::size_t>(std::floor(range.high_hz / range.bin_hz)));
  if (magnitudes[first] > magnitudes[first + 1] && magnitudes[first] > range.threshold) {
    peaks.push_back({static_cast<float>(static_cast<double>(first) * range.bin_hz), magnitudes[first]});
  }
  for (std::size_t bin = first + 1; bin < last; ++bin) {
    const float height = magnitudes[bin];
    if (height <= magnitudes[bin - 1] || height < magnitudes[bin + 1] || height <= range.threshold) continue;
    peaks.push_back(vertex(magnitudes, bin, range.bin_hz));
  }
  if (peaks.size() <= range.most) return;
  std::nth_element(peaks.begin(), peaks.begin() + static_cast<std::ptrdiff_t>(range.most), peaks.end(),
                   [](const SpectralPeak& a, const SpectralPeak& b) { return a.magnitude > b.magnitude; });
  peaks.resize(range.most);
}

}  // namespace vivace::analyze
