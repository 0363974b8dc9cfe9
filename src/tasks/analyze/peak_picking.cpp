#include "tasks/analyze/peak_picking.hpp"

#include <algorithm>
#include <numeric>

namespace vivace::analyze {
namespace {

std::span<const float> around(std::span<const float> envelope, std::size_t at, std::size_t before, std::size_t behind) {
  const std::size_t begin = at - std::min(at, before);
  return envelope.subspan(begin, std::min(at + behind, envelope.size()) - begin);
}

bool is_peak(std::span<const float> envelope, std::size_t at, const PeakPicking& rules) {
  const auto near = around(envelope, at, rules.pre_max, rules.post_max);
  if (envelope[at] < *std::max_element(near.begin(), near.end())) return false;
  const auto wide = around(envelope, at, rules.pre_average, rules.post_average);
  const double mean = std::accumulate(wide.begin(), wide.end(), 0.0) / static_cast<double>(wide.size());
  return envelope[at] >= mean + rules.delta;
}

}  // namespace

std::vector<std::size_t> pick_peaks(std::span<const float> envelope, const PeakPicking& rules) {
  std::vector<std::size_t> peaks;
  for (std::size_t at = 0; at < envelope.size(); ++at) {
    if (!is_peak(envelope, at, rules)) continue;
    peaks.push_back(at);
    at += rules.wait;
  }
  return peaks;
}

}  // namespace vivace::analyze
