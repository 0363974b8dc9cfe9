#include "tasks/separate/track_buffer.hpp"

#include <algorithm>

namespace vivace::separate {

void TrackBuffer::fill(std::int64_t end) {
  StereoBlock block;
  while (true) {
    {
      const std::scoped_lock lock(mutex_);
      if (ended_ || begin_ + static_cast<std::int64_t>(channels_[0].size()) >= end) return;
    }
    const bool more = reader_.read(block);
    const std::scoped_lock lock(mutex_);
    ended_ = !more;
    for (std::size_t i = 0; more && i < kStereo; ++i) {
      channels_[i].insert(channels_[i].end(), block[i].begin(), block[i].end());
    }
  }
}

std::optional<std::int64_t> TrackBuffer::end() const {
  const std::scoped_lock lock(mutex_);
  if (!ended_) return std::nullopt;
  return begin_ + static_cast<std::int64_t>(channels_[0].size());
}

void TrackBuffer::copy(std::int64_t begin, const TrackLevel& level, std::size_t length, std::span<float> dst) const {
  std::ranges::fill(dst, 0.0F);
  const std::scoped_lock lock(mutex_);
  const auto held = static_cast<std::int64_t>(channels_[0].size());
  const std::int64_t first = std::max(begin, begin_);
  const std::int64_t last = std::min(begin + static_cast<std::int64_t>(length), begin_ + held);
  const auto offset = static_cast<float>(level.offset);
  const auto factor = static_cast<float>(1 / level.scale);
  for (std::size_t i = 0; i < kStereo; ++i) {
    float* to = dst.data() + i * length - begin;
    const float* from = channels_[i].data() - begin_;
    for (std::int64_t frame = first; frame < last; ++frame) to[frame] = (from[frame] - offset) * factor;
  }
}

void TrackBuffer::release_input(std::int64_t begin) {
  const std::scoped_lock lock(mutex_);
  input_begin_ = std::max(input_begin_, begin);
  drop();
}

void TrackBuffer::release_mix(std::int64_t begin) {
  const std::scoped_lock lock(mutex_);
  mix_begin_ = std::max(mix_begin_, begin);
  drop();
}

void TrackBuffer::drop() {
  const auto held = static_cast<std::int64_t>(channels_[0].size());
  const std::int64_t count = std::min(std::min(input_begin_, mix_begin_) - begin_, held);
  if (count < held / 2 || count <= 0) return;  // so that moving the rest does not add up
  for (std::vector<float>& channel : channels_) channel.erase(channel.begin(), channel.begin() + count);
  begin_ += count;
}

}  // namespace vivace::separate
