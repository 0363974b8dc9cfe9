#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace vivace::analyze {

/// In frames, but for `delta`.
struct PeakPicking {
  std::size_t pre_max = 0;
  std::size_t post_max = 1;
  std::size_t pre_average = 0;
  std::size_t post_average = 1;
  std::size_t wait = 0;
  double delta = 0;
};

/// The frames n, in order, at which `envelope` equals its maximum over [n - pre_max, n + post_max), is at least its
/// mean over [n - pre_average, n + post_average) plus delta, and that lie more than `wait` behind the last such frame:
/// librosa 0.11's util.peak_pick (Böck, Krebs and Schedl, 2012).
std::vector<std::size_t> pick_peaks(std::span<const float> envelope, const PeakPicking& rules);

}  // namespace vivace::analyze
