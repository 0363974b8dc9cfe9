#include "tasks/analyze/danceability.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "support/signals.hpp"
#include "tasks/analyze/analyzed.hpp"
#include "tasks/analyze/detrended_fluctuation.hpp"
#include "tasks/analyze/listening.hpp"

namespace vivace::analyze {
namespace {

std::vector<float> noise(std::size_t count) {
  std::vector<float> values(count);
  std::uint32_t state = 1;
  for (float& value : values) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<float>(state >> 8) / 16777216 - 0.5F;
  }
  return values;
}

// Of white noise the exponent is 1/2, of its running sum 3/2 (Peng et al. 1994).
TEST(DetrendedFluctuation, OfNoiseGrowsWithTheRootOfTime) {
  const std::vector<double> exponents = fluctuation_exponents(noise(20000));
  ASSERT_EQ(exponents.size(), 35U);
  double mean = 0;
  for (const double exponent : exponents) {
    EXPECT_NEAR(exponent, 0.5, 0.1);
    mean += exponent / 35;
  }
  EXPECT_NEAR(mean, 0.5, 0.05);
}

TEST(DetrendedFluctuation, OfBrownNoiseGrowsThreeTimesAsFast) {
  std::vector<float> levels = noise(20000);
  for (std::size_t i = 1; i < levels.size(); ++i) levels[i] += levels[i - 1];
  double mean = 0;
  for (const double exponent : fluctuation_exponents(levels)) mean += exponent / 35;
  EXPECT_NEAR(mean, 1.5, 0.1);
}

TEST(DetrendedFluctuation, DoesNotDependOnLevelAndScale) {
  std::vector<float> moved = noise(3000);
  for (float& level : moved) level = 1000 + 8 * level;
  const std::vector<double> exponents = fluctuation_exponents(noise(3000));
  const std::vector<double> of_moved = fluctuation_exponents(moved);
  ASSERT_EQ(exponents.size(), of_moved.size());
  for (std::size_t i = 0; i < exponents.size(); ++i) EXPECT_NEAR(of_moved[i], exponents[i], 1e-3);
}

TEST(DetrendedFluctuation, HasFewerExponentsOfShortTracks) {
  EXPECT_TRUE(fluctuation_exponents({}).empty());
  EXPECT_TRUE(fluctuation_exponents(noise(34)).empty());
  EXPECT_EQ(fluctuation_exponents(noise(35)).size(), 1U);
  EXPECT_TRUE(fluctuation_exponents(std::vector<float>(3000, 0.25F)).empty());
}

// Essentia 2.1b6: Danceability of MonoLoader(sampleRate=44100).
TEST(Danceability, IsThatOfEssentia) {
  EXPECT_NEAR(test::Analyzed("notes-44100-stereo", "danceability").get<double>("danceability.dfa"), 3.1363823, 1e-4);
}

// The exponent 1/2 of white noise.
TEST(Danceability, OfWhiteNoiseIsTwo) {
  const FeatureInfo info = danceability_feature();
  const Findings findings = test::listen(info, {noise(44100 * 60)}, 44100);
  EXPECT_NEAR(test::number_of(info, findings, "danceability.dfa"), 2, 0.3);
}

TEST(Danceability, OfSilenceAndOfALooseSampleIsNone) {
  const FeatureInfo info = danceability_feature();
  EXPECT_EQ(test::listen(info, {std::vector<float>(44100)}, 44100).fields[0].reason,
            "silence, or a level that never changes");
  EXPECT_EQ(test::listen(info, {{0.5F}}, 44100).fields[0].reason, "shorter than 0.35 s");
}

}  // namespace
}  // namespace vivace::analyze
