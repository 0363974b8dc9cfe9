#include "media/test_audio.hpp"

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cmath>
#include <numbers>

extern char** environ;

namespace vivace::test {

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

Decoded decode(const std::filesystem::path& path) {
  media::Decoder decoder(path);
  Decoded decoded;
  decoded.info = decoder.info();
  media::AudioBlock block;
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

}  // namespace vivace::test
