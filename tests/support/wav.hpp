#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vivace::test {

/// What the header of a WAV file says.
struct WavHeader {
  std::uint16_t tag = 1;  ///< 1: integers, 3: float
  std::uint16_t channels = 2;
  std::uint32_t sample_rate = 44100;
  std::uint16_t bits = 16;
};

/// A WAV file whose data chunk claims to have `claimed` bytes.
std::string wav(const WavHeader& header, std::string_view data, std::uint32_t claimed);

/// A WAV file of 32 bit floats, [frames, channels].
std::string float_wav(std::uint16_t channels, const std::vector<float>& interleaved, int sample_rate = 44100);

/// A WAV file of 16 bit integers, one vector a channel.
std::string integer_wav(const std::vector<std::vector<std::int64_t>>& channels, int sample_rate);

}  // namespace vivace::test
