#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "media/tags.hpp"

namespace vivace::media {

enum class AudioFormat { wav16, wav24, wavf32, flac, flac24, mp3, ogg };

/// "wav16", "wav24", "wavf32", "flac", "flac24", "mp3", "ogg".
std::string_view audio_format_name(AudioFormat format);
const std::vector<std::string>& audio_format_names();
/// Throws Error(invalid_argument), naming the known ones.
AudioFormat audio_format(std::string_view name);
/// Of file names, without the dot: "wav", "flac", "mp3" or "ogg".
std::string_view audio_extension(AudioFormat format);
/// Whether samples beyond full scale survive.
bool holds_any_level(AudioFormat format);
/// Whether it is lossy, so that EncoderOptions::bit_rate counts.
bool has_bit_rate(AudioFormat format);

struct EncoderOptions {
  AudioFormat format = AudioFormat::flac;
  int sample_rate = 44100;  ///< Hz
  std::size_t channels = 2;
  Tags tags{};
  int bit_rate = 0;  ///< of lossy formats, bit/s; 0: 320,000 for MP3, quality 8 of 10 for Vorbis
};

/// Writes audio with FFmpeg on the calling thread. The file appears under its name whole or not at all, with `finish`;
/// the same samples give the same bytes. Integers are rounded to the nearest, what is beyond full scale becomes full
/// scale. MP3 and Ogg files say how many samples an encoder added, so that decoders give as many back as went in.
/// Without any sample the file is well formed too. A WAV file of more than 4 GB is RF64. Memory does not grow. Not
/// thread-safe.
class Encoder {
 public:
  /// Throws Error: invalid_argument (a rate or number of channels that the format cannot hold), unavailable (no such
  /// encoder in FFmpeg, or the file cannot be written), resource_exhausted (disk).
  Encoder(const std::filesystem::path& path, const EncoderOptions& options);
  Encoder(Encoder&&) noexcept;
  Encoder& operator=(Encoder&&) noexcept;
  ~Encoder();

  /// The next samples, [channels][frames]. Throws Error: invalid_argument (other channels than the file's, or not as
  /// many samples of each), corrupt_data (a sample is not a finite number), resource_exhausted, unavailable.
  void write(std::span<const std::span<const float>> channels);
  /// Ends the file. Throws as `write`.
  void finish();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace vivace::media
