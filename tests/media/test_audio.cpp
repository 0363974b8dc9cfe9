#include "test_audio.hpp"

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <numbers>

extern char** environ;

namespace vivace::media::test {

std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_bytes(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

void ffmpeg(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{"ffmpeg", "-nostdin", "-v", "error", "-y"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  ASSERT_EQ(::posix_spawnp(&child, "ffmpeg", nullptr, nullptr, argv.data(), environ), 0) << "is ffmpeg installed?";
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0) << "ffmpeg … " << words.back();
}

std::vector<float> chord(int sample_rate, std::size_t channels, std::size_t frames) {
  std::vector<float> samples;
  samples.reserve(frames * channels);
  for (std::size_t i = 0; i < frames; ++i) {
    for (std::size_t c = 0; c < channels; ++c) {
      const double turns = 2 * std::numbers::pi * static_cast<double>(i) / sample_rate;
      const double click = i % 3001 < 20 ? 0.3 : 0.0;
      samples.push_back(static_cast<float>(0.2 * std::sin(turns * 220 * static_cast<double>(c + 1)) +
                                           0.2 * std::sin(turns * 1234.5) + click));
    }
  }
  return samples;
}

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

Decoded decode(const std::filesystem::path& path) {
  Decoder decoder(path);
  Decoded decoded;
  decoded.info = decoder.info();
  AudioBlock block;
  while (decoder.read(block)) {
    EXPECT_EQ(block.sample_rate, decoded.info.sample_rate);
    EXPECT_EQ(block.channels, decoded.info.channels);
    EXPECT_EQ(block.position, static_cast<std::int64_t>(decoded.frames));
    EXPECT_EQ(block.samples.size(), block.channels * block.frames);
    EXPECT_GT(block.frames, 0U);
    for (std::size_t i = 0; i < block.frames; ++i) {
      for (std::size_t c = 0; c < block.channels; ++c) decoded.samples.push_back(block.channel(c)[i]);
    }
    decoded.frames += block.frames;
  }
  EXPECT_FALSE(decoder.read(block)) << "a stream that has ended stays ended";
  decoded.truncated = decoder.truncated();
  return decoded;
}

}  // namespace vivace::media::test
