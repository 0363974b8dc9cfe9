#include "media/resampler.hpp"

#include <gtest/gtest.h>
#include <samplerate.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numbers>

#include "support/errors.hpp"
#include "support/signals.hpp"
#include "support/source_tree.hpp"

namespace vivace::media {
namespace {

using test::largest_difference;
using test::two_tones;

std::vector<float> tone(double hertz, int sample_rate, std::size_t samples) {
  std::vector<float> signal(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    signal[i] = static_cast<float>(std::sin(2 * std::numbers::pi * hertz * static_cast<double>(i) / sample_rate));
  }
  return signal;
}

/// The level of a signal in dB of a sine at full scale, its ends left out.
double level(std::span<const float> signal) {
  const auto middle = signal.subspan(signal.size() / 4, signal.size() / 2);
  double power = 0;
  for (const float sample : middle) power += static_cast<double>(sample) * sample;
  return 10 * std::log10(2 * power / static_cast<double>(middle.size()));
}

std::vector<float> push_in_blocks(Resampler& resampler, std::span<const float> signal, std::size_t block) {
  std::vector<float> out;
  for (; !signal.empty(); signal = signal.subspan(std::min(block, signal.size()))) {
    resampler.push(signal.first(std::min(block, signal.size())), out);
  }
  resampler.finish(out);
  return out;
}

std::vector<float> resample(ResamplerKind kind, int src_rate, int dst_rate, std::span<const float> signal) {
  return push_in_blocks(*make_resampler(kind, src_rate, dst_rate), signal, signal.size() + 1);
}

/// libsamplerate itself, fed as Essentia feeds it.
std::vector<float> libsamplerate(int converter, int src_rate, int dst_rate, std::span<const float> signal) {
  const double ratio = static_cast<float>(dst_rate) / static_cast<float>(src_rate);
  std::vector<float> out(static_cast<std::size_t>(static_cast<double>(signal.size()) * ratio) + 100);
  SRC_DATA data{};
  data.data_in = signal.data();
  data.input_frames = static_cast<long>(signal.size());
  data.data_out = out.data();
  data.output_frames = static_cast<long>(out.size());
  data.src_ratio = ratio;
  EXPECT_EQ(src_simple(&data, converter, 1), 0);
  out.resize(static_cast<std::size_t>(data.output_frames_gen));
  return out;
}

struct Published {
  ResamplerKind kind;
  std::size_t samples;
  std::vector<std::pair<std::size_t, float>> values;
};

class PublishedValues : public testing::TestWithParam<Published> {};

TEST_P(PublishedValues, AreMet) {
  const auto out = resample(GetParam().kind, 44100, 16000, two_tones(264'600));
  EXPECT_EQ(out.size(), GetParam().samples);
  for (const auto& [index, value] : GetParam().values) EXPECT_NEAR(out.at(index), value, 1e-6) << "y[" << index << "]";
}

// Made with libsamplerate 0.2.2 from the signal of `two_tones`.
INSTANTIATE_TEST_SUITE_P(
    Libsamplerate, PublishedValues,
    testing::Values(Published{ResamplerKind::linear,
                              96'001,
                              {{0, 0.168294F}, {1, 0.221997F}, {2, 0.083429F}, {100, -0.398410F}, {1000, 0.138024F}}},
                    Published{ResamplerKind::sinc_medium,
                              96'000,
                              {{0, 0.132772F}, {1, 0.211454F}, {2, 0.003519F}, {100, -0.312051F}, {1000, 0.035442F}}}));

class LengthOfEssentia : public testing::TestWithParam<ResamplerKind> {};

TEST_P(LengthOfEssentia, IsReproducedDownToSingleSamples) {
  const auto counts = nlohmann::json::parse(std::ifstream(test::kGoldens / "counts.json"));
  ASSERT_FALSE(counts["lengths"].empty());
  for (const auto& row : counts["lengths"]) {
    const auto signal = test::scrambled(row["samples"]);
    const std::size_t length = row[std::string(resampler_name(GetParam()))];
    EXPECT_EQ(resample(GetParam(), row["rate"], 16000, signal).size(), length) << row;
  }
}

INSTANTIATE_TEST_SUITE_P(Goldens, LengthOfEssentia, testing::Values(ResamplerKind::linear, ResamplerKind::sinc_medium));

struct Change {
  int src_rate;
  int dst_rate;
  std::size_t samples;
};

class EqualsLibsamplerate : public testing::TestWithParam<Change> {};

TEST_P(EqualsLibsamplerate, Linear) {
  const auto [src_rate, dst_rate, samples] = GetParam();
  const auto signal = two_tones(samples);
  const auto ours = resample(ResamplerKind::linear, src_rate, dst_rate, signal);
  const auto theirs = libsamplerate(SRC_LINEAR, src_rate, dst_rate, signal);
  EXPECT_LE(largest_difference(ours, theirs), 1e-7);
}

TEST_P(EqualsLibsamplerate, SincMedium) {
  const auto [src_rate, dst_rate, samples] = GetParam();
  const auto signal = two_tones(samples);
  const auto ours = resample(ResamplerKind::sinc_medium, src_rate, dst_rate, signal);
  EXPECT_EQ(ours, libsamplerate(SRC_SINC_MEDIUM_QUALITY, src_rate, dst_rate, signal));
}

INSTANTIATE_TEST_SUITE_P(Rates, EqualsLibsamplerate,
                         testing::Values(Change{44100, 16000, 264'600}, Change{44100, 16000, 44'099},
                                         Change{44100, 16000, 12'345}, Change{44100, 16000, 2},
                                         Change{48000, 16000, 48'000}, Change{48000, 16000, 47'999},
                                         Change{48000, 44100, 48'001}, Change{32000, 16000, 10'000},
                                         Change{22050, 16000, 22'050}, Change{192000, 16000, 100'003},
                                         Change{8000, 16000, 8'000}, Change{16000, 44100, 16'001},
                                         Change{11025, 192000, 4'001}, Change{11025, 48000, 5'000}),
                         [](const auto& test) {
                           return std::to_string(test.param.src_rate) + "_to_" + std::to_string(test.param.dst_rate) +
                                  "_" + std::to_string(test.param.samples);
                         });

class EveryResampler : public testing::TestWithParam<ResamplerKind> {};

TEST_P(EveryResampler, GivesTheSameHoweverTheStreamIsCut) {
  for (const auto& [src_rate, dst_rate] : {std::pair{44100, 16000}, {16000, 44100}, {48000, 16000}}) {
    const auto signal = two_tones(20'011);
    const auto whole = resample(GetParam(), src_rate, dst_rate, signal);
    for (const std::size_t block : {1U, 2U, 7U, 997U, 1152U, 4096U}) {
      const auto resampler = make_resampler(GetParam(), src_rate, dst_rate);
      EXPECT_EQ(push_in_blocks(*resampler, signal, block), whole) << "blocks of " << block << " at " << src_rate;
    }
  }
}

TEST_P(EveryResampler, IsAsNewAfterTheEnd) {
  const auto signal = two_tones(10'000);
  const auto resampler = make_resampler(GetParam(), 44100, 16000);
  const auto first = push_in_blocks(*resampler, signal, 1000);
  EXPECT_EQ(push_in_blocks(*resampler, signal, 1000), first);
}

TEST_P(EveryResampler, AppendsToWhatIsThere) {
  std::vector<float> out{5};
  const auto resampler = make_resampler(GetParam(), 44100, 16000);
  resampler->push(two_tones(5000), out);
  resampler->finish(out);
  EXPECT_EQ(out.front(), 5);
  EXPECT_NEAR(static_cast<double>(out.size()), 1 + 5000 * 16000.0 / 44100, 1.5);
}

TEST_P(EveryResampler, CopiesAtEqualRates) {
  const auto signal = two_tones(5000);
  EXPECT_EQ(resample(GetParam(), 44100, 44100, signal), signal);
}

TEST_P(EveryResampler, GivesNothingForNothing) {
  EXPECT_TRUE(resample(GetParam(), 44100, 16000, {}).empty());
  EXPECT_TRUE(resample(GetParam(), 16000, 44100, {}).empty());
}

TEST_P(EveryResampler, RefusesRatesOutOfRange) {
  for (const int rate : {0, -44100, 999, 768'001}) {
    SCOPED_TRACE(rate);
    test::expect_error(ErrorCode::invalid_argument, [&] { make_resampler(GetParam(), rate, 16000); });
    test::expect_error(ErrorCode::invalid_argument, [&] { make_resampler(GetParam(), 16000, rate); });
  }
}

TEST_P(EveryResampler, HasANameThatLeadsBackToIt) { EXPECT_EQ(resampler_kind(resampler_name(GetParam())), GetParam()); }

INSTANTIATE_TEST_SUITE_P(Kinds, EveryResampler,
                         testing::Values(ResamplerKind::linear, ResamplerKind::sinc_medium, ResamplerKind::soxr_hq));

TEST(LinearResampler, KeepsItsPositionThroughHours) {
  const double ratio = 16000.0F / 44100.0F;
  const std::vector<float> silence(1 << 20);
  std::vector<float> ramp(10'000);
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<float>(i);
  const auto resampler = make_resampler(ResamplerKind::linear, 44100, 16000);
  std::vector<float> out;
  std::int64_t consumed = 0;
  std::int64_t produced = 0;
  while (consumed < std::int64_t{3} * 3600 * 44100) {
    out.clear();
    resampler->push(silence, out);
    consumed += static_cast<std::int64_t>(silence.size());
    produced += static_cast<std::int64_t>(out.size());
  }
  out.clear();
  resampler->push(ramp, out);
  for (std::size_t i = 1; i < out.size(); ++i) {
    const long double position = static_cast<long double>(produced + static_cast<std::int64_t>(i)) / ratio - 1;
    ASSERT_NEAR(out[i], static_cast<double>(position - static_cast<long double>(consumed)), 0.001) << i;
  }
}

struct Level {
  ResamplerKind kind;
  double hertz;
  double decibels;
};

class ToneFrom44100To16000 : public testing::TestWithParam<Level> {};

TEST_P(ToneFrom44100To16000, HasTheLevelOfTheKind) {
  const auto [kind, hertz, decibels] = GetParam();
  EXPECT_NEAR(level(resample(kind, 44100, 16000, tone(hertz, 44100, 88'200))), decibels, 0.01);
}

// Measured with libsamplerate. The linear kind has no filter: what lies above half the new rate comes back below it.
INSTANTIATE_TEST_SUITE_P(
    Measured, ToneFrom44100To16000,
    testing::Values(Level{ResamplerKind::linear, 5000, -0.37}, Level{ResamplerKind::linear, 7000, -0.72},
                    Level{ResamplerKind::linear, 9000, -1.18}, Level{ResamplerKind::linear, 12000, -2.07},
                    Level{ResamplerKind::sinc_medium, 5000, 0.0}, Level{ResamplerKind::sinc_medium, 7000, -0.28},
                    Level{ResamplerKind::soxr_hq, 5000, 0.0}, Level{ResamplerKind::soxr_hq, 7000, 0.0}));

TEST(SoxrResampler, DropsTonesAboveHalfTheNewRate) {
  EXPECT_LT(level(resample(ResamplerKind::soxr_hq, 44100, 16000, tone(9000, 44100, 88'200))), -100);
}

TEST(SoxrResampler, MakesAsManySamplesAsTheRatioSays) {
  EXPECT_EQ(resample(ResamplerKind::soxr_hq, 44100, 16000, two_tones(264'600)).size(), 96'000U);
  EXPECT_EQ(resample(ResamplerKind::soxr_hq, 16000, 48000, two_tones(16'000)).size(), 48'000U);
}

TEST(Resampler, RefusesANameItDoesNotKnow) {
  EXPECT_EQ(test::expect_error(ErrorCode::invalid_argument, [] { resampler_kind("cubic"); }),
            "resampler 'cubic' is not known; use linear, sinc-medium or soxr-hq");
}

TEST(Resampler, SincHasALimitThatItNames) {
  test::expect_error(ErrorCode::invalid_argument, [] { make_resampler(ResamplerKind::sinc_medium, 768'000, 1'000); });
  EXPECT_NO_THROW(make_resampler(ResamplerKind::linear, 768'000, 1'000));
  EXPECT_NO_THROW(make_resampler(ResamplerKind::soxr_hq, 768'000, 1'000));
}

}  // namespace
}  // namespace vivace::media
