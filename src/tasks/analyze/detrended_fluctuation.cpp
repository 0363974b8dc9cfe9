#include "tasks/analyze/detrended_fluctuation.hpp"

#include <algorithm>
#include <cmath>

namespace vivace::analyze {
namespace {

constexpr double kShortestMs = 310;
constexpr double kLongestMs = 8800;
constexpr double kGrowth = 1.1;
constexpr double kLevelMs = 10;
constexpr std::size_t kStepsPerSegment = 50;
constexpr std::size_t kSegmentsAtOnce = 512;

/// In levels.
std::vector<std::size_t> segment_lengths() {
  std::vector<std::size_t> lengths;
  for (double ms = kShortestMs; ms <= kLongestMs; ms *= kGrowth) {
    lengths.push_back(static_cast<std::size_t>(ms / kLevelMs));
  }
  return lengths;
}

/// Sums over the levels so far: of the profile y (their running sum less the mean), of i y and of y^2.
struct Sums {
  double y = 0;
  double iy = 0;
  double yy = 0;
};

/// Running sums of a stretch of the profile, which starts at 0: what a segment leaves of its straight line does not
/// depend on where the profile starts, and short stretches keep the sums small.
class Stretch {
 public:
  void take(std::span<const float> levels, double mean) {
    sums_.assign(1, {});
    Sums sums;
    double y = 0;
    for (std::size_t i = 0; i < levels.size(); ++i) {
      y += static_cast<double>(levels[i]) - mean;
      sums.y += y;
      sums.iy += static_cast<double>(i) * y;
      sums.yy += y * y;
      sums_.push_back(sums);
    }
  }

  /// The sum of squared distances of the profile from its regression line over [begin, begin + length).
  double residue(std::size_t begin, std::size_t length) const {
    const Sums& from = sums_[begin];
    const Sums& to = sums_[begin + length];
    const auto n = static_cast<double>(length);
    const double middle = static_cast<double>(begin) + (n - 1) / 2;
    const double sum = to.y - from.y;
    const double slope_sum = to.iy - from.iy - middle * sum;
    const double spread = n * (n * n - 1) / 12;
    return std::max(0.0, to.yy - from.yy - sum * sum / n - slope_sum * slope_sum / spread);
  }

 private:
  std::vector<Sums> sums_;
};

/// The root mean square of what segments of a length leave of their lines; segments start at each 50th of the length.
double fluctuation(std::span<const float> levels, double mean, std::size_t length) {
  const std::size_t step = std::max<std::size_t>(1, length / kStepsPerSegment);
  const std::size_t end = levels.size() - length;
  Stretch stretch;
  double residues = 0;
  for (std::size_t begin = 0; begin < end; begin += kSegmentsAtOnce * step) {
    const std::size_t count = std::min(kSegmentsAtOnce, (end - begin + step - 1) / step);
    stretch.take(levels.subspan(begin, (count - 1) * step + length), mean);
    for (std::size_t i = 0; i < count; ++i) residues += stretch.residue(i * step, length);
  }
  const double segments = static_cast<double>(end) / static_cast<double>(step);
  return std::sqrt(residues / static_cast<double>(length) / segments);
}

}  // namespace

std::vector<double> fluctuation_exponents(std::span<const float> levels) {
  double mean = 0;
  for (const float level : levels) mean += static_cast<double>(level);
  mean /= static_cast<double>(std::max<std::size_t>(1, levels.size()));
  std::vector<double> exponents;
  double before = 0;
  double length_before = 0;
  for (const std::size_t length : segment_lengths()) {
    if (length >= levels.size()) break;
    const double now = fluctuation(levels, mean, length);
    const auto length_now = static_cast<double>(length);
    if (before > 0 && now > 0) {
      exponents.push_back(std::log10(now / before) / std::log10((length_now + 3) / (length_before + 3)));
    }
    before = now;
    length_before = length_now;
  }
  return exponents;
}

}  // namespace vivace::analyze
