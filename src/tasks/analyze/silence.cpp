#include "tasks/analyze/silence.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/magnitude.hpp"

namespace vivace::analyze {
namespace {

bool is_sound(float sample) { return std::abs(sample) >= kSoundLevel; }

}  // namespace

SilenceMeter::SilenceMeter(int sample_rate) : window_(static_cast<std::uint64_t>((sample_rate + 50) / 100)) {}

void SilenceMeter::push(const media::AudioBlock& block) {
  for (std::size_t begin = 0; begin < block.frames;) {
    const std::size_t count = std::min(static_cast<std::size_t>(window_ - filled_), block.frames - begin);
    for (std::size_t c = 0; c < block.channels; ++c) find_sound(block.channel(c).subspan(begin, count));
    begin += count;
    frames_ += count;
    filled_ += count;
    if (filled_ < window_) continue;
    if (!sound_) silent_ += window_;
    filled_ = 0;
    sound_ = false;
  }
}

/// In the samples of one channel that follow the first `frames_` ones.
void SilenceMeter::find_sound(std::span<const float> samples) {
  if (dsp::largest_magnitude(samples) < kSoundLevel) return;
  sound_ = true;
  const auto first = std::find_if(samples.begin(), samples.end(), is_sound) - samples.begin();
  const auto last = samples.rend() - std::find_if(samples.rbegin(), samples.rend(), is_sound) - 1;
  first_ = std::min(first_.value_or(UINT64_MAX), frames_ + static_cast<std::uint64_t>(first));
  last_ = std::max(last_.value_or(0), frames_ + static_cast<std::uint64_t>(last));
}

std::uint64_t SilenceMeter::silent_frames() const { return silent_ + (sound_ ? 0 : filled_); }

std::optional<std::uint64_t> SilenceMeter::trailing_frames() const {
  if (!last_) return std::nullopt;
  return frames_ - 1 - *last_;
}

}  // namespace vivace::analyze
