#include "tasks/separate/reflection.hpp"

#include <algorithm>

namespace vivace::separate {

void reflect(std::span<const float> signal, std::size_t left, std::span<float> dst) {
  const std::size_t right = dst.size() - left - signal.size();
  std::ranges::copy(signal, dst.begin() + static_cast<std::ptrdiff_t>(left));
  for (std::size_t i = 0; i < left; ++i) dst[i] = signal[left - i];
  for (std::size_t i = 0; i < right; ++i) dst[left + signal.size() + i] = signal[signal.size() - 2 - i];
}

}  // namespace vivace::separate
