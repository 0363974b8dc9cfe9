#include "tasks/analyze/clipping.hpp"

#include <algorithm>
#include <cstddef>

#include "dsp/magnitude.hpp"

namespace vivace::analyze {
namespace {

constexpr float kFullScale = 32767.0F / 32768.0F;
constexpr std::uint64_t kShortestRun = 3;
constexpr std::size_t kStretch = 256;  // samples that are passed over together where none is at full scale

}  // namespace

void ClippingCounter::push(std::span<const float> samples) {
  while (!samples.empty()) {
    const auto stretch = samples.first(std::min(kStretch, samples.size()));
    samples = samples.subspan(stretch.size());
    if (dsp::largest_magnitude(stretch) < kFullScale) {
      side_ = 0;
    } else {
      for (const float sample : stretch) add(sample);
    }
  }
}

void ClippingCounter::add(float sample) {
  const int side = sample >= kFullScale ? 1 : sample <= -kFullScale ? -1 : 0;
  run_ = side == side_ ? run_ + 1 : 1;
  side_ = side;
  if (side == 0 || run_ < kShortestRun) return;
  clipped_ += run_ == kShortestRun ? kShortestRun : 1;
}

}  // namespace vivace::analyze
