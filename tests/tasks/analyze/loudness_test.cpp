#include "tasks/analyze/loudness.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tasks/analyze/k_weighted_meter.hpp"
#include "tasks/analyze/listening.hpp"
#include "tasks/analyze/loudness_gating.hpp"

namespace vivace::analyze {
namespace {

/// Peak level in dBFS and length of a part of a 1 kHz tone.
struct Part {
  double level;
  double seconds;
};

std::vector<float> tone(const std::vector<Part>& parts, int sample_rate) {
  std::vector<float> signal;
  for (const Part& part : parts) {
    const double amplitude = std::pow(10.0, part.level / 20);
    const auto end = signal.size() + static_cast<std::size_t>(std::lround(part.seconds * sample_rate));
    while (signal.size() < end) {
      const double turn = 1000.0 * static_cast<double>(signal.size()) / sample_rate;
      signal.push_back(static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * turn)));
    }
  }
  return signal;
}

std::vector<Part> repeated(const std::vector<Part>& parts, int times) {
  std::vector<Part> all;
  for (int i = 0; i < times; ++i) all.insert(all.end(), parts.begin(), parts.end());
  return all;
}

double loudness_field(const std::vector<std::vector<float>>& channels, int sample_rate, const std::string& name,
                      const FeatureOptions& options = {}) {
  const FeatureInfo info = loudness_feature();
  return test::number_of(info, test::listen(info, channels, sample_rate, 16384, options), "loudness." + name);
}

struct Sequence {
  std::vector<Part> parts;
  double integrated, range_1s, momentary, short_term;
};

constexpr double kNotPublished = 1;

class LoudnessOfSequence : public testing::TestWithParam<Sequence> {};

TEST_P(LoudnessOfSequence, IsThatOfLibebur128) {
  const auto& [parts, integrated, range_1s, momentary, short_term] = GetParam();
  const FeatureInfo info = loudness_feature();
  for (const int rate : {44100, 48000}) {
    const std::vector<float> channel = tone(parts, rate);
    const Findings found = test::listen(info, {channel, channel}, rate);
    EXPECT_NEAR(test::number_of(info, found, "loudness.integrated_lufs"), integrated, 0.01) << rate;
    EXPECT_NEAR(test::number_of(info, found, "loudness.range_1s_lu"), range_1s, 0.01) << rate;
    EXPECT_NEAR(test::number_of(info, found, "loudness.range_lu"), range_1s, 1) << rate;
    if (momentary == kNotPublished) continue;
    EXPECT_NEAR(test::number_of(info, found, "loudness.momentary_max_lufs"), momentary, 0.01) << rate;
    EXPECT_NEAR(test::number_of(info, found, "loudness.short_term_max_lufs"), short_term, 0.01) << rate;
  }
}

// The sequences of EBU Tech 3341 and 3342, synthesised; values of libebur128 1.2.6, asked every 100 ms at 48 kHz (those
// at 44.1 kHz are up to 0.003 LU higher). Each is also within the limits of the standard.
INSTANTIATE_TEST_SUITE_P(
    Published, LoudnessOfSequence,
    testing::Values(
        Sequence{{{-23, 20}}, -22.9933, 0, -22.9933, -22.9933}, Sequence{{{-33, 20}}, -32.9933, 0, -32.9933, -32.9933},
        Sequence{{{-36, 10}, {-23, 60}, {-36, 10}}, -23.0139, 13, -22.9933, -22.9933},
        Sequence{{{-72, 10}, {-36, 10}, {-23, 60}, {-36, 10}, {-72, 10}}, -23.0139, 13, kNotPublished, kNotPublished},
        Sequence{{{-26, 20}, {-20, 20.1}, {-26, 20}}, -22.9787, 6, -19.9933, -19.9933},
        Sequence{repeated({{-20, 1.34}, {-30, 1.66}}, 5), -22.9947, 0, -19.9933, -22.9863},
        Sequence{repeated({{-20, 0.18}, {-30, 0.22}}, 25), -22.9604, 0.4648, -22.9604, -22.7342},
        Sequence{{{-20, 20}, {-30, 20}}, -22.5897, 10, kNotPublished, kNotPublished},
        Sequence{{{-20, 20}, {-15, 20}}, -16.8103, 5, kNotPublished, kNotPublished},
        Sequence{{{-40, 20}, {-20, 20}}, -20.0257, 20, kNotPublished, kNotPublished},
        Sequence{{{-50, 20}, {-35, 20}, {-20, 20}, {-35, 20}, {-50, 20}}, -24.4919, 15, kNotPublished, kNotPublished}));

// EBU Tech 3341, case 6; value of libebur128 1.2.6.
TEST(Loudness, WeighsSurroundsAndLeavesLowFrequencyEffectsOut) {
  const int rate = 48000;
  const std::vector<float> front = tone({{-28, 20}}, rate);
  const std::vector<float> centre = tone({{-24, 20}}, rate);
  const std::vector<float> surround = tone({{-30, 20}}, rate);
  const std::vector<float> effects = tone({{-1, 20}}, rate);
  EXPECT_NEAR(loudness_field({front, front, centre, surround, surround}, rate, "integrated_lufs"), -23.0163, 0.001);
  EXPECT_NEAR(loudness_field({front, front, centre, effects, surround, surround}, rate, "integrated_lufs"), -23.0163,
              0.001);
}

// Value of libebur128 1.2.6.
TEST(Loudness, TakesMonoAsOneChannelUnlessToldOtherwise) {
  const std::vector<float> channel = tone({{-23, 20}}, 48000);
  FeatureOptions dual_mono;
  dual_mono.dual_mono = true;
  EXPECT_NEAR(loudness_field({channel}, 48000, "integrated_lufs"), -26.0036, 0.001);
  EXPECT_NEAR(loudness_field({channel}, 48000, "integrated_lufs", dual_mono), -22.9933, 0.001);
  EXPECT_NEAR(loudness_field({channel, channel}, 48000, "integrated_lufs", dual_mono), -22.9933, 0.001);
}

TEST(Loudness, HearsEveryOddChannel) {
  for (const std::size_t channels : {3, 4, 7, 8, 9}) {
    double sum = 0;
    for (const double weight : channel_weights(channels)) sum += weight;
    const std::vector<std::vector<float>> audio(channels, tone({{-23, 2}}, 48000));
    EXPECT_NEAR(loudness_field(audio, 48000, "momentary_max_lufs"), -26.0036 + 10 * std::log10(sum), 0.001) << channels;
  }
}

TEST(Loudness, SaysWhyAValueIsMissing) {
  const FeatureInfo info = loudness_feature();
  const auto reason = [&](const std::vector<Part>& parts, const std::string& name) {
    return test::field_of(info, test::listen(info, {tone(parts, 48000)}, 48000), "loudness." + name).reason;
  };
  EXPECT_EQ(reason({{-20, 0.39}}, "integrated_lufs"), "shorter than 0.4 s");
  EXPECT_EQ(reason({{-20, 0.4}}, "integrated_lufs"), "");
  EXPECT_EQ(reason({{-20, 2.9}}, "range_lu"), "shorter than 3 s");
  EXPECT_EQ(reason({{-80, 4}}, "integrated_lufs"), "never above -70 LUFS");
  EXPECT_EQ(reason({{-80, 4}}, "short_term_max_lufs"), "");
  EXPECT_EQ(reason({{-400, 4}}, "momentary_max_lufs"), "");
  EXPECT_EQ(reason({{-2000, 4}}, "momentary_max_lufs"), "silence");
  EXPECT_EQ(reason({{-2000, 4}}, "sample_peak_dbfs"), "silence");
}

TEST(Loudness, KeepsCurves) {
  FeatureOptions options;
  options.curves = true;
  const std::vector<float> channel = tone({{-23, 4}, {-2000, 4}}, 48000);
  const Findings found = test::listen(loudness_feature(), {channel, channel}, 48000, 16384, options);
  ASSERT_EQ(found.curves.size(), 2U);
  const Curve& momentary = found.curves[0];
  EXPECT_EQ(momentary.values.size(), 77U);
  EXPECT_DOUBLE_EQ(momentary.start_s, 0.2);
  EXPECT_NEAR(momentary.values[10], -22.9933, 0.01);
  EXPECT_EQ(momentary.values.back(), -120);
  EXPECT_EQ(found.curves[1].values.size(), 51U);
  EXPECT_DOUBLE_EQ(found.curves[1].start_s, 1.5);
}

// Tech 3342 by hand: of 0, 1 … 10 LU above -30 LUFS the 10th percentile is at index 1 and the 95th at round(9.5) = 10.
TEST(LoudnessRange, TakesTheNearestPercentiles) {
  std::vector<double> blocks;
  for (int level = -30; level <= -20; ++level) blocks.push_back(std::pow(10.0, (level + 0.691) / 10));
  EXPECT_NEAR(loudness_range(blocks).value(), 9, 1e-9);
}

}  // namespace
}  // namespace vivace::analyze
