#include "tasks/analyze/key.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "support/signals.hpp"
#include "tasks/analyze/analyzed.hpp"
#include "tasks/analyze/key_profiles.hpp"
#include "tasks/analyze/listening.hpp"
#include "tasks/analyze/pitch_classes.hpp"
#include "tasks/analyze/spectral_peaks.hpp"
#include "tasks/analyze/spectral_whitening.hpp"

namespace vivace::analyze {
namespace {

constexpr double kBinHz = 44100.0 / 4096;

// The hash of tests/goldens/signals.py, in [0, 1).
float scrambled_at(std::uint32_t i) {
  std::uint32_t h = i * 2654435761U;
  h = (h ^ (h >> 15)) * 2246822519U;
  h = (h ^ (h >> 13)) * 3266489917U;
  return static_cast<float>(static_cast<double>(h ^ (h >> 16)) / 4294967296.0);
}

std::vector<float> scrambled_spectrum() {
  std::vector<float> spectrum(2049);
  for (std::uint32_t i = 0; i < spectrum.size(); ++i) spectrum[i] = scrambled_at(i);
  return spectrum;
}

std::vector<SpectralPeak> six_peaks() {
  return {{30, 0.9F}, {110, 0.5F}, {446.5F, 0.2F}, {1000, 0.05F}, {1733, 0.9F}, {3499, 0.001F}};
}

std::vector<float> chord(const std::vector<int>& semitones_from_a) {
  std::vector<float> signal(44100 * 4);
  for (std::size_t i = 0; i < signal.size(); ++i) {
    double sum = 0;
    for (const int semitones : semitones_from_a) {
      const double hz = 220 * std::pow(2, semitones / 12.0);
      for (int harmonic = 1; harmonic <= 3; ++harmonic) {
        sum += std::sin(2 * std::numbers::pi * hz * harmonic * static_cast<double>(i) / 44100) / (10 * harmonic);
      }
    }
    signal[i] = static_cast<float>(sum);
  }
  return signal;
}

// Essentia 2.1b6: SpectralPeaks(magnitudeThreshold=0.9, minFrequency=25, maxFrequency=3500) of that spectrum.
TEST(SpectralPeaks, AreThoseOfEssentia) {
  std::vector<SpectralPeak> peaks;
  find_peaks(scrambled_spectrum(), {kBinHz, 25, 3500, 0.9F, 60}, peaks);
  ASSERT_EQ(peaks.size(), 31U);
  EXPECT_NEAR(peaks[0].hz, 67.155655, 1e-3);
  EXPECT_NEAR(peaks[0].magnitude, 0.975054, 1e-5);
  EXPECT_NEAR(peaks[2].hz, 256.0463, 1e-3);
  EXPECT_NEAR(peaks[30].hz, 3450.6501, 1e-2);
  EXPECT_NEAR(peaks[30].magnitude, 1.008423, 1e-5);
}

TEST(SpectralPeaks, AreTheHighestWhereThereAreTooMany) {
  std::vector<SpectralPeak> peaks;
  find_peaks(scrambled_spectrum(), {kBinHz, 25, 3500, 0, 4}, peaks);
  ASSERT_EQ(peaks.size(), 4U);
  for (const SpectralPeak& peak : peaks) EXPECT_GT(peak.magnitude, 1.0);
}

// Essentia 2.1b6: the first bin of the range is a peak where the second is lower, whatever lies before it.
TEST(SpectralPeaks, BeginWithTheFirstBin) {
  std::vector<float> spectrum(2049);
  spectrum[2] = 0.5F;
  spectrum[3] = 0.4F;
  spectrum[4] = 0.3F;
  std::vector<SpectralPeak> peaks;
  find_peaks(spectrum, {kBinHz, 25, 3500, 1e-4F, 60}, peaks);
  ASSERT_EQ(peaks.size(), 1U);
  EXPECT_FLOAT_EQ(peaks[0].hz, static_cast<float>(3 * kBinHz));
  EXPECT_EQ(peaks[0].magnitude, 0.4F);
}

// Essentia 2.1b6: SpectralWhitening(maxFrequency=3500) of that spectrum and these peaks.
TEST(SpectralWhitening, IsThatOfEssentia) {
  std::vector<SpectralPeak> peaks = six_peaks();
  SpectralWhitening(2049, kBinHz, 3500).apply(scrambled_spectrum(), peaks);
  const std::vector<double> truth = {0.9828789, 0.5735167, 0.2023169, 0.04007905, 0.3687653, 1.334289e-11};
  for (std::size_t i = 0; i < truth.size(); ++i) EXPECT_NEAR(peaks[i].magnitude, truth[i], 2e-5 * truth[i]) << i;
}

TEST(SpectralWhitening, DoesNotDependOnTheLevel) {
  std::vector<float> quiet = scrambled_spectrum();
  for (float& magnitude : quiet) magnitude *= 1e-12F;
  std::vector<SpectralPeak> peaks = six_peaks();
  for (SpectralPeak& peak : peaks) peak.magnitude *= 1e-12F;
  SpectralWhitening(2049, kBinHz, 3500).apply(quiet, peaks);
  EXPECT_NEAR(peaks[1].magnitude, 0.5735167, 2e-5);
}

// Essentia 2.1b6: HPCP(bandPreset=False, harmonics=4, maxFrequency=3500, minFrequency=25, normalized="none", size=12,
// weightType="cosine", windowSize=1).
TEST(PitchClasses, AreThoseOfEssentia) {
  PitchClasses profile{};
  add_to_profile(six_peaks(), profile);
  const PitchClasses truth = {7.36273, 0, 0.163533, 0, 0, 0.781246, 0.0335289, 0.00205193, 0.729535, 0, 0.262238, 0};
  for (std::size_t i = 0; i < truth.size(); ++i) EXPECT_NEAR(profile[i], truth[i], 1e-5) << i;
}

struct Expected {
  const char* profile;
  const char* tonic;
  const char* scale;
  double strength;
};

// Essentia 2.1b6: Key(usePolyphony=False, useThreeChords=False) of these twelve.
TEST(KeyProfiles, ChooseAsEssentiaDoes) {
  const PitchClasses sounding = {1, 0, 0.3, 0.8, 0, 0.25, 0, 0.7, 0.4, 0, 0.5, 0};
  const std::vector<Expected> truth = {{"bgate", "A", "minor", 0.900330126},
                                       {"krumhansl", "A", "minor", 0.954972088},
                                       {"temperley", "C", "major", 0.808526456},
                                       {"edma", "A", "minor", 0.929517329}};
  ASSERT_EQ(key_profiles().size(), truth.size());
  for (std::size_t i = 0; i < truth.size(); ++i) {
    EXPECT_EQ(key_profiles()[i].name, truth[i].profile);
    const Key key = best_key(sounding, key_profiles()[i]);
    EXPECT_EQ(key.tonic, truth[i].tonic) << truth[i].profile;
    EXPECT_EQ(key.scale, truth[i].scale) << truth[i].profile;
    EXPECT_NEAR(key.strength, truth[i].strength, 1e-6) << truth[i].profile;
  }
}

class KeyOfNotes : public testing::TestWithParam<std::vector<Expected>> {};

TEST_P(KeyOfNotes, IsThatOfEssentia) {
  const test::Analyzed analyzed("notes-44100-stereo", "key");
  for (const Expected& expected : GetParam()) {
    const std::string prefix = std::string("key.") + expected.profile;
    EXPECT_EQ(analyzed.get<std::string>(prefix + "key"), expected.tonic) << prefix;
    EXPECT_EQ(analyzed.get<std::string>(prefix + "scale"), expected.scale) << prefix;
    EXPECT_NEAR(analyzed.get<double>(prefix + "strength"), expected.strength, 3e-4) << prefix;
  }
}

// Essentia 2.1b6: KeyExtractor(profileType=…) of MonoLoader(sampleRate=44100).
INSTANTIATE_TEST_SUITE_P(Essentia, KeyOfNotes,
                         testing::Values(std::vector<Expected>{{"", "C", "major", 0.8174379},
                                                               {"krumhansl_", "C", "major", 0.7833559},
                                                               {"temperley_", "C", "major", 0.7817640},
                                                               {"edma_", "A", "minor", 0.7668537}}));

TEST(Key, OfATriadIsItsName) {
  const FeatureInfo info = key_feature();
  const auto text = [&](const Findings& findings, const char* name) {
    return std::get<std::string>(test::field_of(info, findings, name).value);
  };
  for (const char* profile : {"", "krumhansl_", "edma_"}) {
    const std::string prefix = std::string("key.") + profile;
    const Findings major = test::listen(info, {chord({6, 10, 13})}, 44100);  // Eb G Bb
    EXPECT_EQ(text(major, (prefix + "key").c_str()), "Eb");
    EXPECT_EQ(text(major, (prefix + "scale").c_str()), "major");
    const Findings minor = test::listen(info, {chord({9, 12, 16})}, 44100);  // Gb A Db
    EXPECT_EQ(text(minor, (prefix + "key").c_str()), "Gb");
    EXPECT_EQ(text(minor, (prefix + "scale").c_str()), "minor");
  }
}

TEST(Key, OfSilenceIsNone) {
  const FeatureInfo info = key_feature();
  const Findings findings = test::listen(info, {std::vector<float>(44100)}, 44100);
  for (const FieldValue& field : findings.fields) EXPECT_EQ(field.reason, "nothing sounds from 25 to 3500 Hz");
}

}  // namespace
}  // namespace vivace::analyze
