#include "dsp/window.hpp"

#include <cmath>
#include <numbers>

#include "vivace/error.hpp"

namespace vivace::dsp {

std::vector<float> hann_window(std::size_t size, WindowEnds ends) {
  if (size == 0) throw Error(ErrorCode::invalid_argument, "a window needs at least one sample");
  if (size == 1) return {1.0F};
  const auto denominator = static_cast<double>(ends == WindowEnds::periodic ? size : size - 1);
  std::vector<float> weights(size);
  for (std::size_t i = 0; i < size; ++i) {
    weights[i] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / denominator));
  }
  return weights;
}

}  // namespace vivace::dsp
