#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "media/decoder.hpp"
#include "support/temporary_folder.hpp"

namespace vivace::media::test {

using test_support::TemporaryFolder;

std::string read_bytes(const std::filesystem::path& path);
void write_bytes(const std::filesystem::path& path, std::string_view bytes);

/// Runs the program `ffmpeg`; the test fails where that fails.
void ffmpeg(const std::vector<std::string>& arguments);

/// Interleaved samples [frames][channels]: a chord in each channel, with a click now and then to align by.
std::vector<float> chord(int sample_rate, std::size_t channels, std::size_t frames);

/// What the header of a WAV file says.
struct WavHeader {
  std::uint16_t tag = 1;  ///< 1: integers, 3: float
  std::uint16_t channels = 2;
  std::uint32_t sample_rate = 44100;
  std::uint16_t bits = 16;
};

/// A WAV file whose data chunk claims to have `claimed` bytes.
std::string wav(const WavHeader& header, std::string_view data, std::uint32_t claimed);
/// A WAV file of 32 bit floats.
std::string float_wav(std::uint16_t channels, const std::vector<float>& interleaved, int sample_rate = 44100);

/// A file decoded to its end.
struct Decoded {
  AudioStreamInfo info;
  std::vector<float> samples;  ///< interleaved [frames][channels]
  std::size_t frames = 0;
  bool truncated = false;
};

/// Decodes `path`, checking that blocks have the form and position they should.
Decoded decode(const std::filesystem::path& path);

}  // namespace vivace::media::test
