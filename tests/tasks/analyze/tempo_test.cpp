#include "tasks/analyze/tempo.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "support/signals.hpp"
#include "tasks/analyze/analyzed.hpp"
#include "tasks/analyze/beat_tracker.hpp"
#include "tasks/analyze/listening.hpp"
#include "tasks/analyze/tempogram.hpp"

namespace vivace::analyze {
namespace {

std::vector<float> impulses(double bpm, std::size_t samples) {
  std::vector<float> signal(samples);
  const auto period = static_cast<std::size_t>(44100 * 60 / bpm);
  for (std::size_t i = 4410; i < samples; i += period) signal[i] = 1;
  return signal;
}

struct Truth {
  const char* signal;
  int sample_rate;
  double bpm;
  std::size_t count;
  std::vector<std::size_t> first;
  std::vector<std::size_t> last;
};

class TempoOfNotes : public testing::TestWithParam<Truth> {};

TEST_P(TempoOfNotes, IsThatOfLibrosa) {
  const Truth& truth = GetParam();
  const test::Analyzed analyzed(truth.signal, "tempo");
  EXPECT_NEAR(analyzed.get<double>("tempo.bpm"), truth.bpm, 1e-3);
  const auto beats = analyzed.get<std::vector<float>>("tempo.beats_s");
  ASSERT_EQ(beats.size(), truth.count);
  EXPECT_EQ(analyzed.get<std::int64_t>("tempo.beat_count"), static_cast<std::int64_t>(truth.count));
  const auto seconds = [&](std::size_t frame) { return static_cast<double>(frame) * kHop / truth.sample_rate; };
  for (std::size_t i = 0; i < truth.first.size(); ++i) EXPECT_NEAR(beats[i], seconds(truth.first[i]), 1e-5);
  for (std::size_t i = 0; i < truth.last.size(); ++i) {
    EXPECT_NEAR(beats[beats.size() - truth.last.size() + i], seconds(truth.last[i]), 1e-5);
  }
}

// librosa 0.11, of onset_strength of the mean of the channels: feature.tempo, and beat.beat_track(units="frames").
INSTANTIATE_TEST_SUITE_P(
    Librosa, TempoOfNotes,
    testing::Values(Truth{"notes-44100-stereo", 44100, 120.185320, 37, {87, 131, 173, 217}, {1552, 1595, 1638}},
                    Truth{"notes-48000-stereo", 48000, 119.680851, 9, {95, 142, 189, 236}, {376, 424, 470}},
                    Truth{"notes-22050-mono", 22050, 117.453835, 9, {44, 66, 87, 109}, {173, 195, 216}}),
    [](const auto& test) { return "At" + std::to_string(test.param.sample_rate); });

// The impulse train of Essentia's test of RhythmExtractor2013; 139.6748 is the nearest that frames can tell, and
// librosa's.
TEST(Tempo, OfImpulsesIsTheirsAndCertain) {
  const FeatureInfo info = tempo_feature();
  const Findings findings = test::listen(info, {impulses(140, 441000)}, 44100);
  EXPECT_NEAR(test::number_of(info, findings, "tempo.bpm"), 139.674831, 1e-4);
  EXPECT_GT(test::number_of(info, findings, "tempo.confidence"), 0.9);
  const auto beats = std::get<std::vector<float>>(test::field_of(info, findings, "tempo.beats_s").value);
  ASSERT_GE(beats.size(), 20U);
  for (std::size_t i = 0; i < beats.size(); ++i) {
    EXPECT_NEAR(beats[i], beats[0] + static_cast<double>(i) * 60 / 140, 0.03);
  }
}

TEST(Tempo, OfNoiseIsUncertain) {
  std::vector<float> noise(44100 * 60);
  std::uint32_t state = 1;
  for (float& sample : noise) {
    state = state * 1664525U + 1013904223U;
    sample = static_cast<float>(state >> 8) / 16777216 - 0.5F;
  }
  const FeatureInfo info = tempo_feature();
  EXPECT_LT(test::number_of(info, test::listen(info, {noise}, 44100), "tempo.confidence"), 0.2);
}

TEST(Tempo, OfSilenceIsNone) {
  const FeatureInfo info = tempo_feature();
  const Findings findings = test::listen(info, {std::vector<float>(44100 * 4)}, 44100);
  EXPECT_EQ(test::field_of(info, findings, "tempo.bpm").reason, "no onsets");
}

TEST(Tempogram, IsTheMeanOfNormalisedAutocorrelations) {
  std::vector<float> envelope = test::scrambled(40);
  for (float& strength : envelope) strength += 0.5F;
  constexpr std::size_t kWindow = 16;
  const std::vector<float> tempogram = mean_tempogram(envelope, kWindow);
  ASSERT_EQ(tempogram.size(), kWindow);
  // By the definition, of every 4th frame.
  for (const std::size_t lag : {0U, 1U, 5U, 15U}) {
    double mean = 0;
    for (std::ptrdiff_t frame = 0; frame < 40; frame += 4) {
      std::array<double, kWindow> part{};
      for (std::ptrdiff_t i = 0; i < std::ptrdiff_t{kWindow}; ++i) {
        const std::ptrdiff_t at = frame + i - 8;
        const auto n = static_cast<double>(i);
        const double window = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * n / kWindow);
        const double edge = at < 0    ? 1 + static_cast<double>(at) / 8
                            : at > 39 ? 1 - static_cast<double>(at - 39) / 8
                                      : 1;
        part[static_cast<std::size_t>(i)] =
            window * edge *
            static_cast<double>(envelope[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(at, 0, 39))]);
      }
      double energy = 0;
      double product = 0;
      for (std::size_t i = 0; i < kWindow; ++i) energy += part[i] * part[i];
      for (std::size_t i = 0; i + lag < kWindow; ++i) product += part[i] * part[i + lag];
      mean += product / energy / 10;
    }
    EXPECT_NEAR(tempogram[lag], mean, 1e-5) << lag;
  }
}

// librosa 0.11: beat.beat_track(onset_envelope=e, sr=44100, bpm=60 * 44100 / 512 / period).
TEST(BeatTracker, KeepsTheBeatWhereOneIsMissing) {
  std::vector<float> envelope(1000);
  for (std::size_t i = 20; i < envelope.size(); i += 40) envelope[i] = i == 420 ? 0.0F : 1.0F;
  const std::vector<std::size_t> beats = track_beats(envelope, 40);
  ASSERT_EQ(beats.size(), 24U);
  for (std::size_t i = 0; i < beats.size(); ++i) EXPECT_EQ(beats[i], 60 + 40 * i);
}

TEST(BeatTracker, FindsTheBeatsOfLibrosaInDisorder) {
  std::vector<float> envelope(1500);
  for (std::size_t i = 0; i < envelope.size(); ++i) {
    envelope[i] = static_cast<float>(std::pow(static_cast<double>((7919 * i) % 1000) / 1000, 8));
  }
  EXPECT_EQ(track_beats(envelope, 37),
            (std::vector<std::size_t>{50,   87,   124,  161,  198,  235,  272,  309,  346,  383,  420,  457,  494, 531,
                                      568,  605,  642,  673,  705,  741,  778,  815,  852,  889,  926,  963,  994, 1026,
                                      1062, 1099, 1136, 1173, 1210, 1247, 1284, 1321, 1352, 1384, 1420, 1457, 1494}));
}

TEST(BeatTracker, HearsNothingInAConstant) {
  EXPECT_TRUE(track_beats(std::vector<float>(100, 0.0F), 10).empty());
  EXPECT_TRUE(track_beats(std::vector<float>(1, 1.0F), 10).empty());
}

}  // namespace
}  // namespace vivace::analyze
