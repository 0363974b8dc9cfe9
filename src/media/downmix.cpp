#include "media/downmix.hpp"

#include <algorithm>

namespace vivace::media {
namespace {

void mean_of_two(std::span<const float> left, std::span<const float> right, std::vector<float>& mono) {
  mono.resize(left.size());
  std::transform(left.begin(), left.end(), right.begin(), mono.begin(),
                 [](float l, float r) { return 0.5F * (l + r); });
}

void mean_of_all(const AudioBlock& block, std::vector<float>& mono) {
  mono.assign(block.frames, 0.0F);
  for (std::size_t c = 0; c < block.channels; ++c) {
    const auto channel = block.channel(c);
    std::transform(channel.begin(), channel.end(), mono.begin(), mono.begin(),
                   [](float a, float sum) { return sum + a; });
  }
  for (float& sample : mono) sample /= static_cast<float>(block.channels);
}

}  // namespace

void downmix_to_mono(const AudioBlock& block, std::vector<float>& mono) {
  if (block.channels == 1) {
    mono.assign(block.samples.begin(), block.samples.begin() + static_cast<std::ptrdiff_t>(block.frames));
  } else if (block.channels == 2) {
    mean_of_two(block.channel(0), block.channel(1), mono);
  } else {
    mean_of_all(block, mono);
  }
}

}  // namespace vivace::media
