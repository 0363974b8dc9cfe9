#include "tasks/analyze/onsets.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/signals.hpp"
#include "tasks/analyze/analyzed.hpp"
#include "tasks/analyze/listening.hpp"
#include "tasks/analyze/onset_envelope.hpp"
#include "tasks/analyze/peak_picking.hpp"

namespace vivace::analyze {
namespace {

using Frames = std::vector<std::size_t>;

std::vector<float> envelope_of(const std::vector<float>& samples, int sample_rate) {
  SpectraMaker maker;
  Spectra spectra;
  OnsetEnvelope envelope(sample_rate);
  maker.push(samples, spectra);
  envelope.push(spectra);
  maker.finish(spectra);
  envelope.push(spectra);
  return envelope.finish();
}

// librosa 0.11: util.peak_pick of these values, with these rules.
TEST(PeakPicking, PicksThePeaksOfLibrosa) {
  const std::vector<float> envelope = {0,    0.1F, 0.5F, 0.2F, 0.2F, 0.9F, 0.1F,  0.9F, 0.3F,
                                       0.0F, 0.4F, 0.4F, 0.1F, 1.0F, 0,    0.95F, 0.9F};
  EXPECT_EQ(pick_peaks(envelope, {1, 1, 3, 4, 1, 0.07}), (Frames{2, 5, 7, 11, 13, 15}));
  EXPECT_EQ(pick_peaks(envelope, {0, 2, 1, 1, 3, 0}), (Frames{2, 7, 11, 15}));
  EXPECT_EQ(pick_peaks(envelope, {2, 3, 2, 3, 0, 0.2}), (Frames{2, 5, 7, 13}));
  EXPECT_TRUE(pick_peaks({}, {}).empty());
}

struct Truth {
  const char* signal;
  int sample_rate;
  double mean;
  double deviation;
  double median;
  std::size_t count;
  Frames first;
  Frames last;
};

class OnsetsOfNotes : public testing::TestWithParam<Truth> {};

TEST_P(OnsetsOfNotes, AreThoseOfLibrosa) {
  const Truth& truth = GetParam();
  const test::Analyzed analyzed(truth.signal, "onsets");
  EXPECT_NEAR(analyzed.get<double>("onsets.strength.mean"), truth.mean, 1e-4 * truth.mean);
  EXPECT_NEAR(analyzed.get<double>("onsets.strength.std"), truth.deviation, 1e-4 * truth.deviation);
  EXPECT_NEAR(analyzed.get<double>("onsets.strength.median"), truth.median, 1e-3 * truth.median);
  const auto times = analyzed.get<std::vector<float>>("onsets.times_s");
  ASSERT_EQ(times.size(), truth.count);
  EXPECT_EQ(analyzed.get<std::int64_t>("onsets.count"), static_cast<std::int64_t>(truth.count));
  const auto seconds = [&](std::size_t frame) { return static_cast<double>(frame) * kHop / truth.sample_rate; };
  for (std::size_t i = 0; i < truth.first.size(); ++i) EXPECT_NEAR(times[i], seconds(truth.first[i]), 1e-5);
  for (std::size_t i = 0; i < truth.last.size(); ++i) {
    EXPECT_NEAR(times[times.size() - truth.last.size() + i], seconds(truth.last[i]), 1e-5);
  }
}

// librosa 0.11, of the mean of the channels: onset.onset_strength and onset.onset_detect(units="frames").
INSTANTIATE_TEST_SUITE_P(Librosa, OnsetsOfNotes,
                         testing::Values(Truth{"notes-44100-stereo",
                                               44100,
                                               0.9356712,
                                               3.1122448,
                                               0.1348012,
                                               74,
                                               {44, 66, 87, 109, 130, 152},
                                               {1637, 1681, 1702}},
                                         Truth{"notes-48000-stereo",
                                               48000,
                                               0.8109188,
                                               2.8126574,
                                               0.12754706,
                                               19,
                                               {48, 72, 95, 118, 142, 165},
                                               {469, 517, 540}},
                                         Truth{"notes-22050-mono",
                                               22050,
                                               1.6155463,
                                               4.0343595,
                                               0.06472711,
                                               23,
                                               {12, 23, 33, 44, 55, 66},
                                               {227, 238, 249}}),
                         [](const auto& test) { return "At" + std::to_string(test.param.sample_rate); });

// The four impulses on a noisy floor of Essentia's test of OnsetRate.
TEST(Onsets, AreWhereImpulsesAre) {
  std::vector<float> samples = test::scrambled(88200);
  for (float& sample : samples) sample *= 1e-3F;
  const std::vector<double> truth = {0.02, 0.34, 1.46, 1.98};
  for (const double second : truth) samples[static_cast<std::size_t>(second * 44100)] = 1;
  const FeatureInfo info = onsets_feature();
  const Findings findings = test::listen(info, {samples}, 44100);
  const auto times = std::get<std::vector<float>>(test::field_of(info, findings, "onsets.times_s").value);
  ASSERT_EQ(times.size(), truth.size());
  for (std::size_t i = 0; i < truth.size(); ++i) EXPECT_NEAR(times[i], truth[i], 0.05);
  EXPECT_DOUBLE_EQ(test::number_of(info, findings, "onsets.rate_hz"), 2.0);
}

TEST(Onsets, OfSilenceAreNone) {
  const FeatureInfo info = onsets_feature();
  const Findings findings = test::listen(info, {std::vector<float>(44100)}, 44100);
  EXPECT_TRUE(std::get<std::vector<float>>(test::field_of(info, findings, "onsets.times_s").value).empty());
  EXPECT_EQ(test::number_of(info, findings, "onsets.rate_hz"), 0);
}

TEST(Onsets, HaveTheirStrengthAsACurve) {
  const Findings findings = test::listen(onsets_feature(), {test::two_tones(44100)}, 44100, 16384, {.curves = true});
  ASSERT_EQ(findings.curves.size(), 1U);
  EXPECT_EQ(findings.curves[0].values.size(), 1 + 44100 / kHop);
  EXPECT_DOUBLE_EQ(findings.curves[0].rate_hz, 44100.0 / kHop);
}

// librosa 0.11: onset_strength of 1 s of noise at 1e-4 and 1 s at full scale. What the second makes inaudible by
// top_db does not rise in the first.
TEST(OnsetEnvelope, KnowsTheLoudestOfTheTrackFromTheBeginning) {
  std::vector<float> samples = test::scrambled(88200);
  for (std::size_t i = 0; i < 44100; ++i) samples[i] *= 1e-4F;
  const std::vector<float> envelope = envelope_of(samples, 44100);
  EXPECT_EQ(*std::max_element(envelope.begin(), envelope.begin() + 80), 0);
  const auto highest = std::max_element(envelope.begin(), envelope.end());
  EXPECT_EQ(highest - envelope.begin(), 87);
  EXPECT_NEAR(*highest, 34.259308, 1.0 / 256);  // frames wait in steps of 1/128 dB
}

TEST(OnsetEnvelope, WaitsNoLongerThanItsPatience) {
  Spectra quiet{OnsetEnvelope::kPatience, {}, std::vector<float>(OnsetEnvelope::kPatience * kBins, 1e-9F)};
  for (std::size_t frame = 1; frame < quiet.frames; frame += 2) {
    std::fill_n(quiet.power.begin() + static_cast<std::ptrdiff_t>(frame * kBins), kBins, 1.0F);
  }
  const Spectra loud{2, {}, std::vector<float>(2 * kBins, 1e9F)};
  OnsetEnvelope envelope(44100);
  envelope.push(quiet);
  envelope.push(quiet);
  envelope.push(loud);
  const std::vector<float> strengths = envelope.finish();
  ASSERT_EQ(strengths.size(), 2 * OnsetEnvelope::kPatience + 2);
  EXPECT_GT(strengths[3], 70);
  EXPECT_LT(*std::max_element(strengths.begin() + OnsetEnvelope::kPatience + 5, strengths.end() - 2), 60);
}

}  // namespace
}  // namespace vivace::analyze
