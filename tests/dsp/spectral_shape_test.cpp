#include "dsp/spectral_shape.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "dsp/extremes.hpp"
#include "support/signals.hpp"

namespace vivace::dsp {
namespace {

/// The spectrum in lane 5, others beside it.
std::vector<Lanes> beside_others(const std::vector<float>& spectrum) {
  std::vector<float> frames(kLanes * spectrum.size());
  for (std::size_t i = 0; i < frames.size(); ++i) frames[i] = static_cast<float>(i % 97);
  std::ranges::copy(spectrum, frames.begin() + static_cast<std::ptrdiff_t>(5 * spectrum.size()));
  std::vector<Lanes> lanes(spectrum.size());
  interleave(frames, lanes);
  return lanes;
}

float rolloff_hz(const std::vector<float>& spectrum) {
  std::vector<float> energies;
  for (const float value : spectrum) energies.push_back(value * value);
  return rolloff_bin(beside_others(energies), 0.85F)[5] * 22050 / static_cast<float>(spectrum.size() - 1);
}

std::vector<float> reciprocals(std::size_t size) {
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = 1 / static_cast<float>(i + 1);
  return values;
}

// Essentia's unit tests of Flux, RollOff and Flatness.
TEST(SpectralDistance, IsEssentiasFlux) {
  const std::vector<float> none(50);
  const std::vector<float> pi(50, 3.14F);
  EXPECT_NEAR(spectral_distance(std::vector<float>(100, 3), std::vector<float>(100)), 30, 1e-4);
  EXPECT_NEAR(spectral_distance(std::vector<float>(100, 3.1F), std::vector<float>(100, 3)), 1, 1e-5);
  EXPECT_NEAR(spectral_distance(pi, none), 22.203152929, 1e-5);
  EXPECT_NEAR(spectral_distance(none, pi), 22.203152929, 1e-5);
  EXPECT_NEAR(spectral_distance(std::vector<float>(50, 5.31F), none), 37.547370081, 1e-5);
}

TEST(RolloffBin, IsEssentiasRollOffOfEnergies) {
  EXPECT_NEAR(rolloff_hz(std::vector<float>(101, 1)), 18742.5, 1e-2);
  EXPECT_NEAR(rolloff_hz(reciprocals(44100)), 1.50003397465, 1e-6);
  EXPECT_EQ(rolloff_hz(std::vector<float>(8)), 0);
}

TEST(Flatness, IsEssentiasFlatness) {
  EXPECT_NEAR(flatness(beside_others(std::vector<float>(100, 7.5F)), 0)[5], 1, 1e-6);
  EXPECT_EQ(flatness(beside_others({1, 2, 0, 3}), 0)[5], 0);
  EXPECT_EQ(flatness(beside_others(std::vector<float>(100)), 0)[5], 0);
}

TEST(Flatness, OfManyOctavesIsThatOfTheDefinition) {
  std::vector<float> values;
  double logarithms = 0;
  double sum = 0;
  for (int i = 0; i < 1025; ++i) {
    values.push_back(std::ldexp(1.0F + static_cast<float>(i % 10) / 10, i % 60 - 40));
    logarithms += std::log(static_cast<double>(values.back()));
    sum += values.back();
  }
  const double expected = std::exp(logarithms / 1025) / (sum / 1025);
  EXPECT_NEAR(flatness(beside_others(values), 0)[5] / expected, 1, 1e-5);
}

TEST(Flatness, HasAFloor) { EXPECT_NEAR(flatness(beside_others(std::vector<float>(1025)), 1e-10F)[5], 1, 1e-5); }

TEST(SpectralMoments, AreThoseOfADistribution) {
  // Bins 10 and 20 with weights 3/4 and 1/4: a Bernoulli distribution times 10.
  std::vector<float> spectrum(64);
  spectrum[10] = 0.75F;
  spectrum[20] = 0.25F;
  const SpectralMoments moments = spectral_moments(beside_others(spectrum));
  EXPECT_NEAR(moments.centroid[5], 12.5, 1e-5);
  EXPECT_NEAR(moments.second[5], 18.75, 1e-4);
  EXPECT_NEAR(moments.third[5], 93.75, 1e-3);
  EXPECT_NEAR(moments.fourth[5], 820.3125, 1e-2);
}

TEST(SpectralMoments, OfNothingAreZero) {
  const SpectralMoments moments = spectral_moments(beside_others(std::vector<float>(64)));
  EXPECT_EQ(moments.centroid[5], 0);
  EXPECT_EQ(moments.second[5], 0);
  EXPECT_EQ(moments.fourth[5], 0);
}

TEST(MeanExtremes, AreThoseOfSortedValues) {
  std::vector<float> values = test::scrambled(700);
  for (float& value : values) value = std::pow(value + 0.5F, 6.0F);
  const std::vector<Lanes> lanes = beside_others(values);
  std::ranges::sort(values);
  for (const std::size_t count : {1U, 2U, 15U, 280U, 700U}) {
    double lowest = 0;
    double highest = 0;
    for (std::size_t i = 0; i < count; ++i) {
      lowest += values[i] / static_cast<double>(count);
      highest += values[values.size() - 1 - i] / static_cast<double>(count);
    }
    const Extremes extremes = mean_extremes(lanes, count);
    EXPECT_NEAR(extremes.lowest[5], lowest, 2e-4 * lowest + 1e-12) << count;
    EXPECT_NEAR(extremes.highest[5], highest, 2e-4 * highest) << count;
  }
}

TEST(MeanExtremes, OfEqualValuesAreTheValue) {
  const Extremes extremes = mean_extremes(beside_others(std::vector<float>(30, 2.5F)), 12);
  EXPECT_EQ(extremes.lowest[5], 2.5F);
  EXPECT_EQ(extremes.highest[5], 2.5F);
}

TEST(ToDecibels, IsTheLogarithm) {
  for (const float power : {0.0F, 1e-12F, 1e-10F, 3e-7F, 0.70710677F, 0.7071068F, 1.0F, 1.4142F, 42.0F, 1e18F}) {
    std::vector<Lanes> lanes = beside_others({power});
    to_decibels(lanes, 1e-10F);
    EXPECT_NEAR(values_of(lanes[0].values)[5], 10 * std::log10(std::max(power, 1e-10F)), 2e-5) << power;
  }
}

TEST(Interleave, LeavesLanesWithoutAFrameEmpty) {
  std::vector<Lanes> lanes(2);
  lanes[0].values[2] = 9;
  interleave(std::vector<float>{1, 2, 3, 4}, lanes);
  EXPECT_EQ(values_of(lanes[1].values)[0], 2);
  EXPECT_EQ(values_of(lanes[0].values)[1], 3);
  EXPECT_EQ(values_of(lanes[0].values)[2], 0);
}

}  // namespace
}  // namespace vivace::dsp
