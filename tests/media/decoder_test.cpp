#include "media/decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "media/test_audio.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace vivace::media {
namespace {

using test::chord;
using test::decode;
using test::Decoded;
using test::ffmpeg;
using test::float_wav;
using test::TemporaryFolder;

using Words = std::vector<std::string>;

/// One file made by the program `ffmpeg` from a known signal.
struct Format {
  const char* file;
  Words encode;  ///< arguments between input and output
  const char* codec;
  int sample_rate = 44100;
  std::size_t channels = 2;
  /// Samples that the decoded file may have more than the source, where the format cannot say where it ends.
  std::size_t padding = 0;
  /// RMS of decoded - source over RMS of source.
  double error = 0;
};

std::ostream& operator<<(std::ostream& out, const Format& format) { return out << format.file; }

/// Makes a file of that format from interleaved samples; returns its path.
std::filesystem::path encode(const TemporaryFolder& folder, const Format& format, const std::vector<float>& source) {
  test::write_text(folder / "source.wav",
                   float_wav(static_cast<std::uint16_t>(format.channels), source, format.sample_rate));
  Words arguments{"-i", (folder / "source.wav").string()};
  arguments.insert(arguments.end(), format.encode.begin(), format.encode.end());
  arguments.push_back((folder / format.file).string());
  ffmpeg(arguments);
  return folder / format.file;
}

/// What the same FFmpeg makes of the file in its own program.
std::vector<float> decode_with_program(const TemporaryFolder& folder, const std::filesystem::path& path) {
  ffmpeg({"-i", path.string(), "-vn", "-f", "f32le", (folder / "reference.raw").string()});
  const std::string bytes = test::read_text(folder / "reference.raw");
  std::vector<float> samples(bytes.size() / sizeof(float));
  std::memcpy(samples.data(), bytes.data(), samples.size() * sizeof(float));
  return samples;
}

double relative_error(const std::vector<float>& decoded, const std::vector<float>& source) {
  double difference = 0;
  double power = 0;
  for (std::size_t i = 0; i < std::min(decoded.size(), source.size()); ++i) {
    difference += std::pow(static_cast<double>(decoded[i]) - source[i], 2);
    power += std::pow(source[i], 2);
  }
  return std::sqrt(difference / power);
}

class EveryFormat : public testing::TestWithParam<Format> {
 protected:
  TemporaryFolder folder_;
};

TEST_P(EveryFormat, GivesTheSourceBack) {
  const Format& format = GetParam();
  const std::size_t frames = static_cast<std::size_t>(format.sample_rate) + 1234;
  const auto source = chord(format.sample_rate, format.channels, frames);
  const auto path = encode(folder_, format, source);

  const Decoded decoded = decode(path);
  EXPECT_EQ(decoded.info.codec, format.codec);
  EXPECT_EQ(decoded.info.sample_rate, format.sample_rate);
  EXPECT_EQ(decoded.info.channels, format.channels);
  EXPECT_FALSE(decoded.truncated);
  EXPECT_GE(decoded.frames, frames);
  EXPECT_LE(decoded.frames, frames + format.padding);
  EXPECT_LE(relative_error(decoded.samples, source), format.error);
  if (decoded.info.declared_duration_s) {
    EXPECT_NEAR(*decoded.info.declared_duration_s, static_cast<double>(frames) / format.sample_rate, 0.25);
  }
  EXPECT_EQ(decoded.samples, decode_with_program(folder_, path));
}

const Words kMp3{"-c:a", "libmp3lame", "-b:a", "192k"};
const Words kOpus{"-c:a", "libopus", "-b:a", "192k"};
const Words kPicture{"-f",
                     "lavfi",
                     "-i",
                     "color=red:size=64x64:rate=1:duration=1",
                     "-map",
                     "0:a",
                     "-map",
                     "1:v",
                     "-c:v",
                     "mjpeg",
                     "-disposition:v",
                     "attached_pic"};

INSTANTIATE_TEST_SUITE_P(
    Lossless, EveryFormat,
    testing::Values(Format{"16.wav", {"-c:a", "pcm_s16le"}, "pcm_s16le", 44100, 2, 0, 1e-4},
                    Format{"8.wav", {"-c:a", "pcm_u8"}, "pcm_u8", 8000, 1, 0, 0.02},
                    Format{"24.wav", {"-c:a", "pcm_s24le"}, "pcm_s24le", 192000, 2, 0, 1e-6},
                    Format{"f64.wav", {"-c:a", "pcm_f64le"}, "pcm_f64le", 44100, 2, 0, 0},
                    Format{"f32.wav", {"-c:a", "copy"}, "pcm_f32le", 48000, 8, 0, 0},
                    Format{"rf64.wav", {"-rf64", "always", "-c:a", "pcm_s16le"}, "pcm_s16le", 44100, 2, 0, 1e-4},
                    Format{"a.w64", {"-c:a", "pcm_s16le"}, "pcm_s16le", 44100, 2, 0, 1e-4},
                    Format{"a.aiff", {}, "pcm_s16be", 44100, 2, 0, 1e-4},
                    Format{"a.au", {}, "pcm_s16be", 22050, 1, 0, 1e-4},
                    Format{"a.caf", {"-c:a", "pcm_s16le"}, "pcm_s16le", 44100, 2, 0, 1e-4},
                    Format{"a.flac", {}, "flac", 44100, 2, 0, 1e-4}, Format{"mono.flac", {}, "flac", 8000, 1, 0, 1e-4},
                    Format{"surround.flac", {"-sample_fmt", "s32"}, "flac", 96000, 6, 0, 1e-6},
                    Format{"a.wv", {}, "wavpack", 44100, 2, 0, 1e-4}, Format{"a.tta", {}, "tta", 44100, 2, 0, 1e-4},
                    Format{"alac.m4a", {"-c:a", "alac"}, "alac", 44100, 2, 0, 1e-4}));

// MP3, Opus and Vorbis say where their audio begins and ends; the others only where it begins.
INSTANTIATE_TEST_SUITE_P(
    Lossy, EveryFormat,
    testing::Values(Format{"a.mp3", kMp3, "mp3", 44100, 2, 0, 0.05}, Format{"mono.mp3", kMp3, "mp3", 48000, 1, 0, 0.05},
                    Format{"slow.mp3", {"-c:a", "libmp3lame", "-b:a", "64k"}, "mp3", 8000, 1, 100, 0.1},
                    Format{"a.opus", kOpus, "opus", 48000, 2, 0, 0.1},
                    Format{"surround.opus", {"-c:a", "libopus", "-b:a", "512k"}, "opus", 48000, 6, 0, 0.3},
                    Format{"a.ogg", {"-c:a", "libvorbis", "-q:a", "8"}, "vorbis", 44100, 2, 0, 0.05},
                    Format{"a.m4a", {"-c:a", "aac", "-b:a", "192k"}, "aac", 44100, 2, 2048, 0.1},
                    Format{"surround.m4a", {"-c:a", "aac", "-b:a", "512k"}, "aac", 48000, 6, 2048, 0.5},
                    Format{"a.mka", {"-c:a", "libopus", "-b:a", "192k"}, "opus", 48000, 2, 2048, 0.1}));

std::vector<Format> with_picture() {
  std::vector<Format> formats;
  for (Format format :
       {Format{"cover.mp3", kMp3, "mp3", 44100, 2, 0, 0.05}, Format{"cover.flac", {}, "flac", 44100, 2, 0, 1e-4},
        Format{"cover.m4a", {"-c:a", "aac", "-b:a", "192k"}, "aac", 44100, 2, 2048, 0.1}}) {
    format.encode.insert(format.encode.begin(), kPicture.begin(), kPicture.end());
    formats.push_back(format);
  }
  return formats;
}

INSTANTIATE_TEST_SUITE_P(CoverPicture, EveryFormat, testing::ValuesIn(with_picture()));

TEST(Decoder, KeepsThePrimingOfAacWhereItIsAsked) {
  const TemporaryFolder folder;
  const Format format{"a.m4a", {"-c:a", "aac", "-b:a", "192k"}, "aac"};
  const auto path = encode(folder, format, chord(44100, 2, 44100));
  const std::vector<float> trimmed = decode(path).samples;
  std::vector<float> whole;
  Decoder decoder(path, {.keep_priming = true});
  AudioBlock block;
  while (decoder.read(block)) {
    for (std::size_t i = 0; i < block.frames; ++i) {
      for (std::size_t c = 0; c < block.channels; ++c) whole.push_back(block.channel(c)[i]);
    }
  }
  EXPECT_FALSE(decoder.truncated());
  constexpr std::size_t kPriming = 2 * 1024;
  ASSERT_GE(whole.size(), trimmed.size() + kPriming);
  EXPECT_TRUE(std::equal(trimmed.begin(), trimmed.end(), whole.begin() + kPriming));
}

/// Formats whose start is late by the encoder's delay: decoded alike, not aligned with the source.
class DelayedFormat : public testing::TestWithParam<Format> {};

TEST_P(DelayedFormat, DecodesAsInTheProgram) {
  const Format& format = GetParam();
  const TemporaryFolder folder;
  const std::size_t frames = static_cast<std::size_t>(format.sample_rate) * 2;
  const auto path = encode(folder, format, chord(format.sample_rate, format.channels, frames));

  const Decoded decoded = decode(path);
  EXPECT_EQ(decoded.info.codec, format.codec);
  EXPECT_EQ(decoded.info.channels, format.channels);
  EXPECT_NEAR(static_cast<double>(decoded.frames), static_cast<double>(frames), static_cast<double>(format.padding));
  EXPECT_FALSE(decoded.truncated);
  EXPECT_EQ(decoded.samples, decode_with_program(folder, path));
}

const Words kVideo{"-f",  "lavfi", "-i",   "testsrc=size=64x64:rate=5:duration=4", "-map", "1:v", "-map",
                   "0:a", "-c:v",  "mpeg4"};

Format in_video(Format format) {
  format.encode.insert(format.encode.begin(), kVideo.begin(), kVideo.end());
  return format;
}

INSTANTIATE_TEST_SUITE_P(
    Known, DelayedFormat,
    testing::Values(Format{"a.wma", {"-c:a", "wmav2"}, "wmav2", 44100, 2, 4096},
                    Format{"a.aac", {"-c:a", "aac", "-f", "adts"}, "aac", 44100, 2, 4096},
                    Format{"a.ac3", {"-c:a", "ac3"}, "ac3", 48000, 6, 4096},
                    Format{"a.eac3", {"-c:a", "eac3"}, "eac3", 48000, 2, 4096},
                    Format{"raw.mp3", {"-c:a", "libmp3lame", "-write_xing", "0"}, "mp3", 44100, 2, 4096},
                    Format{"adpcm.wav", {"-c:a", "adpcm_ms"}, "adpcm_ms", 22050, 2, 4096},
                    in_video({"a.mp4", {"-c:a", "aac"}, "aac", 44100, 2, 4096}),
                    in_video({"a.mkv", {"-c:a", "libvorbis"}, "vorbis", 44100, 2, 4096}),
                    in_video({"a.avi", {"-c:a", "libmp3lame"}, "mp3", 44100, 2, 4096}),
                    in_video({"a.ts", {"-c:a", "mp2"}, "mp2", 48000, 2, 4096})));

TEST(Decoder, ReadsAnyNameAndAnyExtension) {
  const TemporaryFolder folder;
  const auto source = chord(44100, 1, 3000);
  for (const char* name : {"no extension", "line\nbreak.wav", "Ünïcode — 音楽.wav", "'quoted' \"twice\".wav",
                           "wrong.mp3", "file:concat|a.wav", "-y.wav", "100%.wav", "\xFF\xFE.wav"}) {
    test::write_text(folder / name, float_wav(1, source));
    EXPECT_EQ(decode(folder / name).samples, source) << name;
  }
}

TEST(Decoder, ReusesTheMemoryOfItsBlock) {
  const TemporaryFolder folder;
  test::write_text(folder / "a.wav", float_wav(2, chord(44100, 2, 200'000)));
  Decoder decoder(folder / "a.wav");
  AudioBlock block;
  ASSERT_TRUE(decoder.read(block));
  const float* memory = block.samples.data();
  int blocks = 1;
  for (; decoder.read(block); ++blocks) EXPECT_EQ(block.samples.data(), memory);
  EXPECT_GT(blocks, 10);
}

TEST(Decoder, FollowsAStreamThatChangesItsForm) {
  const TemporaryFolder folder;
  test::write_text(folder / "first.wav", float_wav(2, chord(44100, 2, 44100)));
  test::write_text(folder / "second.wav", float_wav(1, chord(22050, 1, 22050), 22050));
  ASSERT_NO_FATAL_FAILURE(ffmpeg({"-i", (folder / "first.wav").string(), (folder / "first.ogg").string()}));
  ASSERT_NO_FATAL_FAILURE(ffmpeg({"-i", (folder / "second.wav").string(), (folder / "second.ogg").string()}));
  const std::string chain = test::read_text(folder / "first.ogg") + test::read_text(folder / "second.ogg") +
                            test::read_text(folder / "first.ogg");
  test::write_text(folder / "chain.ogg", chain);
  const Decoded decoded = decode(folder / "chain.ogg");
  EXPECT_EQ(decoded.info.sample_rate, 44100);
  EXPECT_EQ(decoded.info.channels, 2U);
  EXPECT_NEAR(static_cast<double>(decoded.frames), 3 * 44100, 3000);
  EXPECT_FALSE(decoded.truncated);
}

TEST(Decoder, TakesTheFirstOfSeveralAudioStreams) {
  const TemporaryFolder folder;
  test::write_text(folder / "mono.wav", float_wav(1, chord(44100, 1, 20'000)));
  test::write_text(folder / "stereo.wav", float_wav(2, chord(44100, 2, 40'000)));
  ASSERT_NO_FATAL_FAILURE(ffmpeg({"-i", (folder / "mono.wav").string(), "-i", (folder / "stereo.wav").string(), "-map",
                                  "0", "-map", "1", "-c:a", "flac", (folder / "two.mka").string()}));
  const Decoded decoded = decode(folder / "two.mka");
  EXPECT_EQ(decoded.info.channels, 1U);
  EXPECT_EQ(decoded.frames, 20'000U);
  EXPECT_FALSE(decoded.truncated) << "the container's duration is that of the longer stream";
}

TEST(Decoder, MayMove) {
  const TemporaryFolder folder;
  test::write_text(folder / "a.wav", float_wav(2, chord(44100, 2, 30'000)));
  Decoder first(folder / "a.wav");
  AudioBlock block;
  ASSERT_TRUE(first.read(block));
  Decoder second(std::move(first));
  std::size_t frames = block.frames;
  while (second.read(block)) frames += block.frames;
  EXPECT_EQ(frames, 30'000U);
}

}  // namespace
}  // namespace vivace::media
