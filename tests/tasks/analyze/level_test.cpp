#include "tasks/analyze/level.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/signals.hpp"
#include "tasks/analyze/clipping.hpp"
#include "tasks/analyze/listening.hpp"

namespace vivace::analyze {
namespace {

using Channels = std::vector<std::vector<float>>;

FieldValue level_field(const Channels& channels, int sample_rate, const std::string& name) {
  const FeatureInfo info = level_feature();
  return test::field_of(info, test::listen(info, channels, sample_rate), "level." + name);
}

double level_of(const Channels& channels, int sample_rate, const std::string& name) {
  return std::get<double>(level_field(channels, sample_rate, name).value);
}

/// Alternates between `amplitude` and its negative.
std::vector<float> square(float amplitude, std::size_t samples) {
  std::vector<float> signal(samples, amplitude);
  for (std::size_t i = 1; i < samples; i += 2) signal[i] = -amplitude;
  return signal;
}

TEST(Level, OfASquareWaveIsItsAmplitude) {
  EXPECT_NEAR(level_of({square(0.5F, 999)}, 8000, "rms_dbfs"), -6.0206, 1e-4);
  EXPECT_NEAR(level_of({square(0.5F, 999)}, 8000, "crest_db"), 0, 1e-6);
  EXPECT_NEAR(level_of({square(0.5F, 999), std::vector<float>(999)}, 8000, "rms_dbfs"), -9.0309, 1e-4);
  EXPECT_NEAR(level_of({square(0.5F, 999), std::vector<float>(999)}, 8000, "crest_db"), 3.0103, 1e-4);
}

struct Bands {
  const char* name;
  std::vector<float> signal;
  int sample_rate;
  std::vector<double> decibels;
};

// scipy 1.17.1 in double precision: 10 log10(mean(sosfilt(butter(5, [low, high], "bandpass", fs=rate, output="sos"),
// x)^2)), high at most 0.999 rate / 2, of 441000 samples.
std::vector<Bands> published_bands() {
  const std::vector<float> tones = test::two_tones(441'000);
  const std::vector<float> noise = test::scrambled(441'000);
  return {
      {"tones", tones, 44100, {-65.12154710709248, -13.486041115640626, -30.985805161678286, -17.2081498714907}},
      {"tones", tones, 8000, {-13.47258140541004, -20.168555120246925, -19.766812945589617, -83.2489475898964}},
      {"tones", tones, 192'000, {-72.04488965601327, -64.20780042310756, -13.493353416055449, -16.61511081328079}},
      {"tones", tones, 1000, {-16.988026147819454, -38.41692734636203}},
      {"noise", noise, 44100, {-50.399774904637255, -42.72334942525176, -29.553634826256875, -10.902509575486857}},
      {"noise", noise, 8000, {-42.19164101253728, -18.822240501736076, -12.149022963699114, -20.4834557310476}},
      {"noise", noise, 192'000, {-86.61910219217094, -45.93263563910838, -44.610167242808444, -12.83993509161137}},
  };
}

TEST(Level, OfBandsIsThatOfScipysFilters) {
  const std::vector<std::string> names = {"band_20_120_dbfs", "band_120_600_dbfs", "band_600_2500_dbfs",
                                          "band_2500_22000_dbfs"};
  for (const Bands& bands : published_bands()) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const FieldValue field = level_field({bands.signal}, bands.sample_rate, names[i]);
      if (i < bands.decibels.size()) {
        EXPECT_NEAR(std::get<double>(field.value), bands.decibels[i], 1e-6)
            << names[i] << " of " << bands.name << " at " << bands.sample_rate;
      } else {
        EXPECT_EQ(field.reason, "above half the sample rate");
      }
    }
  }
}

TEST(Level, OfBandsIsThatOfTheMeanOfTheChannels) {
  const std::vector<float> channel = test::two_tones(44100);
  std::vector<float> inverted = channel;
  for (float& sample : inverted) sample = -sample;
  EXPECT_NEAR(level_of({channel, channel}, 44100, "band_120_600_dbfs"), level_of({channel}, 44100, "band_120_600_dbfs"),
              1e-9);
  EXPECT_EQ(level_field({channel, inverted}, 44100, "band_120_600_dbfs").reason, "silence");
}

/// Blocks of 3 s at 1000 Hz, square waves of the amplitudes 0.1, 0.2 … 1, and half a block of 0.1.
std::vector<float> steps() {
  std::vector<float> signal;
  for (int tenth = 1; tenth <= 10; ++tenth) {
    const auto block = square(static_cast<float>(tenth) / 10, 3000);
    signal.insert(signal.end(), block.begin(), block.end());
  }
  signal.resize(signal.size() + 1500, 0.1F);
  return signal;
}

TEST(DynamicRange, IsSecondPeakOverTheLoudestFifth) {
  const double expected = 20 * std::log10(0.9 / std::sqrt(2 * (1.0 + 0.81) / 2));
  EXPECT_NEAR(level_of({steps()}, 1000, "dynamic_range_db"), expected, 1e-5);
  EXPECT_NEAR(level_of({steps(), std::vector<float>(31500)}, 1000, "dynamic_range_db"), expected, 1e-5);
  EXPECT_NEAR(level_of({square(0.5F, 6000), square(1, 6000)}, 1000, "dynamic_range_db"), -3.0103, 1e-4);
}

TEST(DynamicRange, NeedsTwoBlocks) {
  EXPECT_EQ(level_field({square(0.5F, 5999)}, 1000, "dynamic_range_db").reason, "shorter than 6 s");
  EXPECT_EQ(level_field({std::vector<float>(9000)}, 1000, "dynamic_range_db").reason, "silence");
}

std::uint64_t clipped(const std::vector<float>& samples, std::size_t block) {
  ClippingCounter counter;
  for (std::size_t begin = 0; begin < samples.size(); begin += block) {
    counter.push(std::span(samples).subspan(begin, std::min(block, samples.size() - begin)));
  }
  return counter.clipped();
}

TEST(Clipping, CountsRunsOfThreeOnOneSide) {
  const std::vector<std::pair<std::vector<float>, std::uint64_t>> cases = {
      {{}, 0},
      {{1, 1}, 0},
      {{1, 1, 1}, 3},
      {{0, -1, -1, -1, -1, 0, 1, 1, 1}, 7},
      {{1, 1, -1, -1, 1, 1}, 0},
      {{1, 1, 0.99F, 1, 1}, 0},
      {{32767.0F / 32768, 1.2F, 32767.0F / 32768}, 3},
  };
  for (const auto& [samples, expected] : cases) {
    for (const std::size_t block : {1, 2, 100}) EXPECT_EQ(clipped(samples, block), expected) << samples.size();
  }
  std::vector<float> late(5000);
  std::fill(late.begin() + 1022, late.begin() + 1027, -1.0F);
  for (const std::size_t block : {1, 1024, 5000}) EXPECT_EQ(clipped(late, block), 5U) << block;
}

TEST(Clipping, IsAShareOfAllChannels) {
  const std::vector<float> clear(1000, 0.5F);
  const std::vector<float> full(1000, 1.0F);
  EXPECT_DOUBLE_EQ(level_of({clear, full}, 8000, "clipping_share"), 0.5);
  EXPECT_EQ(level_of({clear, std::vector<float>(1000)}, 8000, "clipping_share"), 0);
}

TEST(Silence, LiesBeforeWithinAndBehindTheSound) {
  std::vector<float> left(8000);
  std::vector<float> right(8000, 0.0009F);
  std::fill(left.begin() + 1001, left.begin() + 3000, 0.5F);
  std::fill(right.begin() + 5000, right.begin() + 6001, -0.001F);
  EXPECT_DOUBLE_EQ(level_of({left, right}, 8000, "leading_silence_s"), 1001.0 / 8000);
  EXPECT_DOUBLE_EQ(level_of({left, right}, 8000, "trailing_silence_s"), 1999.0 / 8000);
  // Of 100 windows of 80 frames, 12 to 37 and 62 to 75 have sound.
  EXPECT_DOUBLE_EQ(level_of({left, right}, 8000, "silence_share"), 0.6);
}

TEST(Silence, MayBeTheWholeTrack) {
  const Channels silence(2, std::vector<float>(4444));
  EXPECT_EQ(level_of(silence, 44100, "silence_share"), 1);
  EXPECT_EQ(level_field(silence, 44100, "leading_silence_s").reason, "never above -60 dBFS");
  EXPECT_EQ(level_field({{}}, 44100, "silence_share").reason, "no audio");
}

}  // namespace
}  // namespace vivace::analyze
