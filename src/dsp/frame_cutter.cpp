#include "dsp/frame_cutter.hpp"

#include "vivace/error.hpp"

namespace vivace::dsp {

FrameCutter::FrameCutter(std::size_t frame, std::size_t hop, bool centred)
    : frame_(frame), hop_(hop), centred_(centred) {
  if (hop < 1 || hop > frame) throw Error(ErrorCode::invalid_argument, "frames need 1 <= hop <= frame");
  reset();
}

std::size_t FrameCutter::frame_count(std::size_t samples) const {
  if (centred_) return samples == 0 ? 0 : 1 + (samples + hop_ - 1) / hop_;
  return samples < frame_ ? 0 : 1 + (samples - frame_) / hop_;
}

void FrameCutter::reset() {
  pending_.assign(centred_ ? frame_ / 2 : 0, 0.0F);
  sample_count_ = 0;
  emitted_ = 0;
}

}  // namespace vivace::dsp
