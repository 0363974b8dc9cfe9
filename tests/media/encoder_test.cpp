#include "media/encoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "media/decoder.hpp"
#include "support/errors.hpp"
#include "support/file_size_limit.hpp"
#include "support/files.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"

namespace vivace::media {
namespace {

using test::expect_error;
using test::TemporaryFolder;

using Channels = std::vector<std::vector<float>>;

std::vector<std::span<const float>> views(const Channels& channels, std::size_t begin, std::size_t count) {
  std::vector<std::span<const float>> parts;
  for (const std::vector<float>& channel : channels) parts.push_back(std::span(channel).subspan(begin, count));
  return parts;
}

void encode(const std::filesystem::path& path, const Channels& channels, const EncoderOptions& options,
            std::size_t block = 10'000) {
  Encoder encoder(path, options);
  for (std::size_t begin = 0; begin < channels[0].size(); begin += block) {
    encoder.write(views(channels, begin, std::min(block, channels[0].size() - begin)));
  }
  encoder.finish();
}

Channels decode(const std::filesystem::path& path) {
  Decoder decoder(path);
  Channels channels(decoder.info().channels);
  AudioBlock block;
  while (decoder.read(block)) {
    for (std::size_t i = 0; i < channels.size(); ++i) {
      channels[i].insert(channels[i].end(), block.channel(i).begin(), block.channel(i).end());
    }
  }
  EXPECT_FALSE(decoder.truncated());
  return channels;
}

EncoderOptions options_for(AudioFormat format) { return {.format = format}; }

class EncoderOf : public testing::TestWithParam<AudioFormat> {};

const auto kAllFormats = testing::Values(AudioFormat::wav16, AudioFormat::wav24, AudioFormat::wavf32, AudioFormat::flac,
                                         AudioFormat::flac24, AudioFormat::mp3, AudioFormat::ogg);

std::string name_of(const testing::TestParamInfo<AudioFormat>& info) {
  return std::string(audio_format_name(info.param));
}

TEST_P(EncoderOf, GivesBackAsManySamples) {
  const TemporaryFolder folder;
  for (const std::size_t frames : {0U, 1U, 47U, 1151U, 1152U, 1160U, 8192U, 29997U, 44107U, 200003U}) {
    const Channels channels(2, test::scrambled(frames));
    encode(folder / "a", channels, options_for(GetParam()));
    const Channels decoded = decode(folder / "a");
    ASSERT_EQ(decoded.size(), 2U);
    EXPECT_EQ(decoded[0].size(), frames);
    EXPECT_EQ(decoded[1].size(), frames);
  }
}

TEST_P(EncoderOf, BlocksDoNotMatter) {
  const TemporaryFolder folder;
  const Channels channels = {test::scrambled(20'000), test::two_tones(20'000)};
  encode(folder / "a", channels, options_for(GetParam()), 20'000);
  encode(folder / "b", channels, options_for(GetParam()), 777);
  EXPECT_EQ(test::read_text(folder / "a"), test::read_text(folder / "b"));
}

TEST_P(EncoderOf, SoundsAsItShould) {
  const TemporaryFolder folder;
  const Channels channels = {test::two_tones(44'100), test::two_tones(44'100)};
  encode(folder / "a", channels, options_for(GetParam()));
  const Channels decoded = decode(folder / "a");
  double error = 0;
  double energy = 0;
  for (std::size_t i = 0; i < 44'100; ++i) {
    error += std::pow(double{decoded[1][i]} - channels[1][i], 2);
    energy += std::pow(double{channels[1][i]}, 2);
  }
  EXPECT_LT(error, energy * 1e-4);
}

TEST_P(EncoderOf, KeepsTags) {
  const TemporaryFolder folder;
  EncoderOptions options = options_for(GetParam());
  options.tags = {{"title", "Größe 日本"}, {"artist", "A & B"}, {"album", "x"}};
  encode(folder / "a", Channels(2, test::scrambled(5000)), options);
  const Tags tags = Decoder(folder / "a").info().tags;
  for (const auto& tag : options.tags) EXPECT_NE(std::ranges::find(tags, tag), tags.end()) << tag.first;
}

TEST_P(EncoderOf, LeavesNothingWithoutFinish) {
  const TemporaryFolder folder;
  {
    Encoder encoder(folder / "a", options_for(GetParam()));
    encoder.write(views(Channels(2, test::scrambled(5000)), 0, 5000));
  }
  EXPECT_TRUE(folder.names().empty());
}

TEST_P(EncoderOf, FullDiskIsResourceExhausted) {
  const TemporaryFolder folder;
  const test::FileSizeLimit limit(100'000);
  expect_error(ErrorCode::resource_exhausted,
               [&] { encode(folder / "a", Channels(2, test::scrambled(1'000'000)), options_for(GetParam())); });
  EXPECT_TRUE(folder.names().empty());
}

TEST_P(EncoderOf, NotANumberIsRefused) {
  const TemporaryFolder folder;
  Channels channels(2, std::vector<float>(10));
  channels[1][3] = std::numeric_limits<float>::infinity();
  expect_error(ErrorCode::corrupt_data, [&] { encode(folder / "a", channels, options_for(GetParam())); });
}

INSTANTIATE_TEST_SUITE_P(Formats, EncoderOf, kAllFormats, name_of);

struct Quantised {
  AudioFormat format;
  double scale;
};

class EncoderOfIntegers : public testing::TestWithParam<Quantised> {};

TEST_P(EncoderOfIntegers, RoundsAndLimits) {
  const auto [format, scale] = GetParam();
  const TemporaryFolder folder;
  const auto at = [scale = scale](double steps) { return static_cast<float>(steps / scale); };
  const Channels channels = {{at(0), at(1), at(-1), at(0.4), at(0.6), at(-0.4), at(-0.6), 1.0F, -1.0F, 3.0F, -3.0F}};
  const std::vector<double> steps = {0, 1, -1, 0, 1, 0, -1, scale - 1, -scale, scale - 1, -scale};
  encode(folder / "a", channels, {.format = format, .channels = 1});
  const Channels decoded = decode(folder / "a");
  ASSERT_EQ(decoded[0].size(), steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(decoded[0][i], at(steps[i])) << i;
}

INSTANTIATE_TEST_SUITE_P(Formats, EncoderOfIntegers,
                         testing::Values(Quantised{AudioFormat::wav16, 32768}, Quantised{AudioFormat::flac, 32768},
                                         Quantised{AudioFormat::wav24, 8388608},
                                         Quantised{AudioFormat::flac24, 8388608}));

TEST(Encoder, FloatsStayAsTheyAre) {
  const TemporaryFolder folder;
  const Channels channels = {{1.5F, -7.25F, 1e-20F, 0.1F}};
  encode(folder / "a", channels, {.format = AudioFormat::wavf32, .channels = 1});
  EXPECT_EQ(decode(folder / "a"), channels);
}

TEST(Encoder, RatesThatAFormatHasNotAreRefused) {
  const TemporaryFolder folder;
  const Error error =
      test::error_of([&] { Encoder(folder / "a", {.format = AudioFormat::mp3, .sample_rate = 96'000}); });
  EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  test::expect_contains(error.what(), "48000");
  EXPECT_TRUE(folder.names().empty());
}

TEST(Encoder, OtherChannelsThanItsOwnAreRefused) {
  const TemporaryFolder folder;
  expect_error(ErrorCode::invalid_argument, [&] { Encoder(folder / "a", {.channels = 0}); });
  Encoder encoder(folder / "a", {});
  expect_error(ErrorCode::invalid_argument, [&] { encoder.write(views(Channels(1, {0.5F}), 0, 1)); });
  expect_error(ErrorCode::invalid_argument, [&] {
    const std::vector<float> samples(2);
    encoder.write(std::vector<std::span<const float>>{samples, std::span(samples).first(1)});
  });
}

TEST(Encoder, HighRatesGoIntoFlac) {
  const TemporaryFolder folder;
  encode(folder / "a", Channels(2, test::scrambled(1000)), {.format = AudioFormat::flac, .sample_rate = 192'000});
  EXPECT_EQ(Decoder(folder / "a").info().sample_rate, 192'000);
}

TEST(Encoder, SaysWhereTheFolderIsMissing) {
  const TemporaryFolder folder;
  expect_error(ErrorCode::unavailable, [&] { Encoder(folder / "no/a.wav", {}); });
}

TEST(AudioFormat, HasNames) {
  for (const std::string& name : audio_format_names()) EXPECT_EQ(audio_format_name(audio_format(name)), name);
  EXPECT_EQ(audio_extension(AudioFormat::flac24), "flac");
  expect_error(ErrorCode::invalid_argument, [] { audio_format("aac"); });
}

}  // namespace
}  // namespace vivace::media
