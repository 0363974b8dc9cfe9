#include "dsp/hann_frames.hpp"

#include <algorithm>

#include "dsp/window.hpp"

namespace vivace::dsp {

HannFrames::HannFrames(std::size_t size)
    : window_(hann_window(size, WindowEnds::periodic)), forward_(size), inverse_(size) {}

std::span<const std::complex<float>> HannFrames::forward(std::span<const float> samples) {
  const std::span<float> frame = forward_.input();
  for (std::size_t i = 0; i < frame.size(); ++i) frame[i] = samples[i] * window_[i];
  return forward_.forward();
}

void HannFrames::add_inverse(float scale, std::span<float> dst) {
  const float unit = scale / static_cast<float>(size());
  const std::span<const float> frame = inverse_.inverse();
  const std::size_t count = std::min(dst.size(), frame.size());
  for (std::size_t i = 0; i < count; ++i) dst[i] += unit * window_[i] * frame[i];
}

std::vector<float> hann_square_sum(std::size_t size, std::size_t hop, std::size_t frames) {
  const std::vector<float> window = hann_window(size, WindowEnds::periodic);
  std::vector<double> sums((frames - 1) * hop + size);
  for (std::size_t frame = 0; frame < frames; ++frame) {
    for (std::size_t i = 0; i < size; ++i) sums[frame * hop + i] += double{window[i]} * window[i];
  }
  return {sums.begin(), sums.end()};
}

}  // namespace vivace::dsp
