#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "media/decoder.hpp"

namespace vivace::test {

/// Runs the program `ffmpeg`; the test fails where that fails.
void ffmpeg(const std::vector<std::string>& arguments);

/// Interleaved samples [frames][channels]: a chord in each channel, with a click now and then to align by.
std::vector<float> chord(int sample_rate, std::size_t channels, std::size_t frames);

/// A file decoded to its end.
struct Decoded {
  media::AudioStreamInfo info;
  std::vector<float> samples;  ///< interleaved [frames][channels]
  std::size_t frames = 0;
  bool truncated = false;
};

/// Decodes `path`, checking that blocks have the form and position they should.
Decoded decode(const std::filesystem::path& path);

}  // namespace vivace::test
