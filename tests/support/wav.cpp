#include "support/wav.hpp"

#include <cstddef>

namespace vivace::test {

std::string wav(const WavHeader& header, std::string_view data, std::uint32_t claimed) {
  std::string bytes;
  const auto put = [&bytes](auto value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));  // the tests run on little-endian machines
  };
  const auto frame_bytes = static_cast<std::uint16_t>(header.channels * header.bits / 8);
  bytes += "RIFF";
  put(claimed > 0xFFFFFFFF - 36 ? claimed : claimed + 36);
  bytes += "WAVEfmt ";
  put(std::uint32_t{16});
  put(header.tag);
  put(header.channels);
  put(header.sample_rate);
  put(header.sample_rate * frame_bytes);
  put(frame_bytes);
  put(header.bits);
  bytes += "data";
  put(claimed);
  return bytes.append(data);
}

std::string float_wav(std::uint16_t channels, const std::vector<float>& interleaved, int sample_rate) {
  const std::string_view data(reinterpret_cast<const char*>(interleaved.data()), interleaved.size() * sizeof(float));
  return wav({3, channels, static_cast<std::uint32_t>(sample_rate), 32}, data, static_cast<std::uint32_t>(data.size()));
}

std::string integer_wav(const std::vector<std::vector<std::int64_t>>& channels, int sample_rate) {
  std::vector<std::int16_t> interleaved;
  for (std::size_t i = 0; i < channels.front().size(); ++i) {
    for (const auto& channel : channels) interleaved.push_back(static_cast<std::int16_t>(channel[i]));
  }
  const std::string_view data(reinterpret_cast<const char*>(interleaved.data()),
                              interleaved.size() * sizeof(std::int16_t));
  return wav({1, static_cast<std::uint16_t>(channels.size()), static_cast<std::uint32_t>(sample_rate), 16}, data,
             static_cast<std::uint32_t>(data.size()));
}

}  // namespace vivace::test
