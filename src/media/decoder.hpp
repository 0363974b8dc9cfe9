#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "media/audio_block.hpp"
#include "media/tags.hpp"

namespace vivace::media {

struct AudioStreamInfo {
  std::string container;  ///< "mp3", "mov,mp4,m4a,3gp,3g2,mj2", …
  std::string codec;      ///< "mp3", "flac", "pcm_s16le", …
  int sample_rate = 0;    ///< Hz
  std::size_t channels = 0;
  std::optional<double> declared_duration_s;  ///< what the file says; absent where it does not say
  Tags tags{};                                ///< of the container and the stream
};

struct DecoderOptions {
  /// Keeps the priming samples that AAC encoders put before the music and MP4 files declare, as Essentia's loader does.
  bool keep_priming = false;
};

/// Decodes the first real audio stream of a file (cover pictures and video are passed over) with FFmpeg on the calling
/// thread, at the file's own rate and channel count, encoder delay and padding removed. Memory: a few packets, whatever
/// the length. Not thread-safe: one decoder a thread.
class Decoder {
 public:
  /// Decodes up to the first audio. Throws Error: not_found, invalid_argument (a folder or device), unavailable (cannot
  /// be read), corrupt_data (not audio, or nothing of it can be decoded), unsupported (no decoder; not 1000 … 768000 Hz
  /// or 1 … 64 channels). A file of sound without any sample is well formed.
  explicit Decoder(const std::filesystem::path& path, const DecoderOptions& options = {});
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;
  ~Decoder();

  const AudioStreamInfo& info() const;

  /// Fills `block` with the next samples (its memory is reused); false at the end of the stream.
  /// Rate and channel count stay those of `info()`: a stream that changes them is converted. Damaged places are passed
  /// over. Throws Error: corrupt_data (a sample is not a finite number, or beyond ±1e6), unavailable (the disk fails),
  /// unsupported (a change that cannot be converted).
  bool read(AudioBlock& block);

  /// After `read` returned false: the audio ended earlier than the file said, or its tail could not be decoded.
  bool truncated() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace vivace::media
