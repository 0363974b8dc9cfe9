#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace vivace::dsp {

/// Cuts a stream of mono samples into overlapping frames. Memory: one frame and the block that is being pushed.
/// Not thread-safe: one cutter a stream.
///
/// Centred: the first frame starts frame / 2 before the first sample (zeros there), and the last one is the first whose
/// centre lies at or past the end: 1 + ceil(n / hop) frames of n >= 1 samples, none of none (Essentia's FrameCutter).
/// Not centred: only whole frames, 1 + floor((n - frame) / hop).
class FrameCutter {
 public:
  /// `frame` and `hop` in samples, 1 <= hop <= frame. Throws Error(invalid_argument) otherwise.
  FrameCutter(std::size_t frame, std::size_t hop, bool centred);

  /// Feeds samples; calls `emit(std::span<const float> frame)` for each frame that became complete.
  template <typename Emit>
  void push(std::span<const float> samples, Emit&& emit) {
    pending_.insert(pending_.end(), samples.begin(), samples.end());
    sample_count_ += samples.size();
    emit_complete_frames(emit);
  }

  /// Ends the stream: emits the frames that zeros on the right complete. The cutter is then as new.
  template <typename Emit>
  void finish(Emit&& emit) {
    const std::size_t wanted = frame_count(sample_count_);
    if (wanted > emitted_) {
      pending_.resize((wanted - emitted_ - 1) * hop_ + frame_, 0.0F);
      emit_complete_frames(emit);
    }
    reset();
  }

  /// How many frames a stream of `samples` has.
  std::size_t frame_count(std::size_t samples) const;

 private:
  template <typename Emit>
  void emit_complete_frames(Emit& emit) {
    std::size_t start = 0;
    for (; start + frame_ <= pending_.size(); start += hop_) {
      emit(std::span<const float>(pending_).subspan(start, frame_));
      ++emitted_;
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(std::min(start, pending_.size())));
  }
  void reset();

  std::vector<float> pending_;  // the last samples not yet behind every frame
  std::size_t frame_;
  std::size_t hop_;
  bool centred_;
  std::size_t sample_count_ = 0;
  std::size_t emitted_ = 0;
};

}  // namespace vivace::dsp
