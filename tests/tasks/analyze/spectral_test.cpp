#include "tasks/analyze/spectral.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "support/signals.hpp"
#include "tasks/analyze/contrast_bands.hpp"
#include "tasks/analyze/listening.hpp"

namespace vivace::analyze {
namespace {

const Findings& findings() {
  static const Findings found = test::listen(spectral_feature(), {test::noisy_tones()}, 44100);
  return found;
}

struct Expected {
  const char* name;
  double mean, deviation, median;
};

class SpectralField : public testing::TestWithParam<Expected> {};

TEST_P(SpectralField, IsThatOfItsDefinition) {
  const Expected& expected = GetParam();
  const auto value = [&](const char* statistic) {
    return test::number_of(spectral_feature(), findings(), std::string(expected.name) + statistic);
  };
  EXPECT_NEAR(value(".mean"), expected.mean, 1e-4 * std::abs(expected.mean) + 1e-7);
  EXPECT_NEAR(value(".std"), expected.deviation, 5e-4 * std::abs(expected.deviation) + 1e-7);
  EXPECT_NEAR(value(".median"), expected.median, 2e-4 * std::abs(expected.median) + 1e-7);
}

// librosa 0.11: spectral_centroid(S=abs(stft(signal))) …, zero_crossing_rate(signal), rms(y=signal).
INSTANTIATE_TEST_SUITE_P(Librosa, SpectralField,
                         testing::Values(Expected{"spectral.centroid_hz", 4060.0416286, 94.418442, 4082.3033779},
                                         Expected{"spectral.bandwidth_hz", 5252.8291301, 106.1539082, 5276.8682614},
                                         Expected{"spectral.rolloff_hz", 8919.5496544, 512.7105675, 9087.0117188},
                                         Expected{"spectral.flatness", 0.0002422, 0.0002244, 0.0002204},
                                         Expected{"spectral.zero_crossing_rate", 0.0742225, 0.0058001, 0.074707},
                                         Expected{"spectral.rms", 0.2550441, 0.0094218, 0.2566255}));

// Essentia 2.1b6: Flux, RollOff, Flatness, CentralMoments(range=22050) with DistributionShape, of the same spectra
// times 4 / 2048.
INSTANTIATE_TEST_SUITE_P(Essentia, SpectralField,
                         testing::Values(Expected{"spectral.essentia_flux", 0.0080782, 0.0349075, 0.0023009},
                                         Expected{"spectral.essentia_rolloff_hz", 3337.6464844, 0, 3337.6464844},
                                         Expected{"spectral.essentia_flatness", 0.1412404, 0.0136252, 0.1433651},
                                         Expected{"spectral.essentia_skewness", 1.8437022, 0.056745, 1.8300259},
                                         Expected{"spectral.essentia_kurtosis", 2.5229909, 0.3175317, 2.451334}));

void expect_vector(const std::string& name, const std::vector<float>& expected, float relative) {
  const auto& values = test::vector_of(spectral_feature(), findings(), name);
  ASSERT_EQ(values.size(), expected.size()) << name;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(values[i], expected[i], relative * std::abs(expected[i])) << name << " " << i;
  }
}

TEST(SpectralContrast, IsLibrosas) {
  // librosa 0.11: spectral_contrast(S=abs(stft(signal)), sr=44100).
  expect_vector("spectral.contrast_db.mean",
                {12.6094245F, 16.2280018F, 36.1443828F, 17.4802006F, 16.6312315F, 33.9879985F, 21.8639751F}, 5e-4F);
  expect_vector("spectral.contrast_db.std",
                {3.1582092F, 3.4247208F, 3.7862701F, 3.78036F, 3.145697F, 2.5114748F, 3.0594511F}, 2e-3F);
  expect_vector("spectral.contrast_db.median",
                {12.6373692F, 15.8343763F, 36.0249176F, 16.2234443F, 15.5226348F, 33.5704618F, 20.951261F}, 1e-3F);
}

TEST(SpectralContrast, IsEssentias) {
  // Essentia 2.1b6: SpectralContrast(frameSize=2048, sampleRate=44100) of the spectra times 4 / 2048.
  expect_vector("spectral.essentia_contrast.mean",
                {-0.804658F, -0.1776444F, -0.7492726F, -0.8618926F, -0.4228557F, -0.7367418F}, 1e-4F);
  expect_vector("spectral.essentia_contrast.median",
                {-0.8040932F, -0.1696585F, -0.7553641F, -0.8657124F, -0.4242438F, -0.7394192F}, 1e-4F);
}

std::vector<std::size_t> sizes(const std::vector<ContrastBand>& bands) {
  std::vector<std::size_t> bins;
  for (const ContrastBand& band : bands) bins.push_back(band.bins);
  return bins;
}

TEST(ContrastBands, HaveEssentiasBins) {
  // Found by changing one bin at a time of the input of Essentia 2.1b6's SpectralContrast(frameSize=2048).
  using Sizes = std::vector<std::size_t>;
  EXPECT_EQ(sizes(essentia_contrast_bands(22050)), (Sizes{29, 35, 52, 98, 226, 583}));
  EXPECT_EQ(sizes(essentia_contrast_bands(44100)), (Sizes{15, 17, 26, 49, 113, 291}));
  EXPECT_EQ(sizes(essentia_contrast_bands(48000)), (Sizes{13, 17, 23, 45, 104, 268}));
  EXPECT_EQ(essentia_contrast_bands(22050).front().first_bin, 2U);
}

TEST(SpectralContrast, NeedsARateWithSevenBands) {
  const Findings found = test::listen(spectral_feature(), {test::scrambled(8000)}, 8000);
  EXPECT_EQ(test::field_of(spectral_feature(), found, "spectral.contrast_db.mean").reason,
            "no seven octave bands at this sample rate");
}

TEST(Spectral, HasNoShapeOfSilence) {
  const Findings found = test::listen(spectral_feature(), {std::vector<float>(44100)}, 44100);
  EXPECT_EQ(test::field_of(spectral_feature(), found, "spectral.centroid_hz.mean").reason, "silence");
  EXPECT_EQ(test::number_of(spectral_feature(), found, "spectral.rms.mean"), 0);
}

TEST(Spectral, KeepsCurvesOnRequest) {
  FeatureOptions options;
  options.curves = true;
  const Findings found = test::listen(spectral_feature(), {test::noisy_tones()}, 44100, 16384, options);
  ASSERT_EQ(found.curves.size(), 12U);
  for (const Curve& curve : found.curves) {
    EXPECT_EQ(curve.values.size(), (1 + 66150 / 512) * curve.columns) << curve.name;
    EXPECT_DOUBLE_EQ(curve.rate_hz, 44100.0 / 512);
  }
}

}  // namespace
}  // namespace vivace::analyze
