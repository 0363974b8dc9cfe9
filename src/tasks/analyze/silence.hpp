#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "media/audio_block.hpp"

namespace vivace::analyze {

/// A sample of at least this magnitude is sound: -60 dBFS.
inline constexpr float kSoundLevel = 0.001F;

/// Finds silence: windows of 10 ms without sound in any channel, and what lies before the first and behind the last
/// sound.
class SilenceMeter {
 public:
  explicit SilenceMeter(int sample_rate);

  void push(const media::AudioBlock& block);

  /// Frames of silent windows, also of a last one that is shorter.
  std::uint64_t silent_frames() const;
  /// Frames before the first sound; nothing where there is none.
  std::optional<std::uint64_t> leading_frames() const { return first_; }
  /// Frames behind the last sound; nothing where there is none.
  std::optional<std::uint64_t> trailing_frames() const;

 private:
  void find_sound(std::span<const float> samples);

  std::uint64_t window_;      // frames
  std::uint64_t filled_ = 0;  // frames of the window under way
  bool sound_ = false;        // in the window under way
  std::uint64_t frames_ = 0;
  std::uint64_t silent_ = 0;
  std::optional<std::uint64_t> first_, last_;  // frames with sound
};

}  // namespace vivace::analyze
