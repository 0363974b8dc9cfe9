#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "support/signals.hpp"
#include "tasks/analyze/chroma_cqt.hpp"
#include "tasks/analyze/chroma_filters.hpp"
#include "tasks/analyze/chroma_stft.hpp"
#include "tasks/analyze/listening.hpp"
#include "tasks/analyze/tuned_chroma.hpp"
#include "tasks/analyze/tuning.hpp"

namespace vivace::analyze {
namespace {

std::vector<float> tone(double hz, std::size_t samples) {
  std::vector<float> signal(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    signal[i] = static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / 44100));
  }
  return signal;
}

struct Weight {
  int sample_rate;
  double tuning;
  std::size_t pitch_class, bin;
  double weight;
};

class ChromaFilter : public testing::TestWithParam<Weight> {};

TEST_P(ChromaFilter, IsLibrosas) {
  const Weight& expected = GetParam();
  const std::vector<float> filters = chroma_filters(expected.sample_rate, expected.tuning);
  EXPECT_NEAR(filters[expected.pitch_class * kBins + expected.bin], expected.weight, 2e-6 * expected.weight + 1e-12);
}

// librosa 0.11: filters.chroma(sr=…, n_fft=2048, tuning=…).
INSTANTIATE_TEST_SUITE_P(Librosa, ChromaFilter,
                         testing::Values(Weight{44100, 0, 0, 0, 0.0008653897}, Weight{44100, 0, 0, 1, 0.006780835},
                                         Weight{44100, 0, 9, 20, 0.7513406}, Weight{44100, 0, 8, 155, 0.6163173},
                                         Weight{44100, 0, 11, 1024, 9.479692e-31},
                                         Weight{22050, -0.3, 0, 0, 0.0001452593}, Weight{22050, -0.3, 9, 20, 0.5922027},
                                         Weight{22050, -0.3, 8, 155, 0.7604872}));

TEST(Tuning, IsThatOfTones) {
  // A tone's interpolated peak lies within a few cents of it.
  for (const double tuning : {-0.4, -0.2, 0.0, 0.1, 0.3}) {
    const Findings found = test::listen(chroma_stft_feature(), {tone(1760 * std::exp2(tuning / 12), 44100)}, 44100);
    EXPECT_NEAR(test::number_of(chroma_stft_feature(), found, "chroma.tuning"), tuning, 0.03) << tuning;
  }
}

TEST(Tuning, OfNothingIsZero) {
  TuningEstimator estimator(44100, 12);
  EXPECT_EQ(estimator.estimate(), 0);
  estimator.add(std::vector<float>(kBins));
  EXPECT_EQ(estimator.estimate(), 0);
}

TEST(ChromaStft, IsLibrosas) {
  // librosa 0.11: feature.chroma_stft(y=noisy_tones, sr=44100), estimate_tuning(y=noisy_tones, sr=44100).
  const std::vector<float> mean = {0.0008618F, 0.0004813F, 0.0004971F, 0.0004789F, 0.0006505F, 0.0005884F,
                                   0.0009789F, 0.0451864F, 0.6640332F, 1.0F,       0.4480219F, 0.0186631F};
  const std::vector<float> deviation = {0.0042823F, 0.0025972F, 0.0020172F, 0.0019383F, 0.002176F,  0.0028273F,
                                        0.0047942F, 0.0158597F, 0.0364602F, 0.0F,       0.0177781F, 0.0147448F};
  const Findings found = test::listen(chroma_stft_feature(), {test::noisy_tones()}, 44100);
  const auto& means = test::vector_of(chroma_stft_feature(), found, "chroma.stft.mean");
  const auto& deviations = test::vector_of(chroma_stft_feature(), found, "chroma.stft.std");
  for (std::size_t i = 0; i < kPitchClasses; ++i) {
    EXPECT_NEAR(means[i], mean[i], 5e-4) << i;
    EXPECT_NEAR(deviations[i], deviation[i], 2e-3) << i;
  }
  EXPECT_NEAR(test::number_of(chroma_stft_feature(), found, "chroma.tuning"), -0.03, 1e-9);
}

TEST(ChromaStft, KeepsACurveWithTheMeansOfTheField) {
  FeatureOptions options;
  options.curves = true;
  const Findings found = test::listen(chroma_stft_feature(), {test::noisy_tones()}, 44100, 16384, options);
  const Curve& curve = found.curves.at(0);
  ASSERT_EQ(curve.values.size(), (1 + 66150 / 512) * kPitchClasses);
  double sum = 0;
  for (std::size_t i = 8; i < curve.values.size(); i += kPitchClasses) sum += curve.values[i];
  const auto& means = test::vector_of(chroma_stft_feature(), found, "chroma.stft.mean");
  EXPECT_NEAR(sum / (1 + 66150 / 512), means[8], 1e-5);
}

TEST(ChromaCqt, IsLibrosas) {
  // librosa 0.11: feature.chroma_cqt(y=noisy_tones, sr=44100), whose filters lack the least 1 % of their weights.
  const std::vector<float> mean = {0.0149433F, 0.012956F,  0.0121948F, 0.0151841F, 0.0095616F, 0.011836F,
                                   0.010181F,  0.0157387F, 0.2562793F, 1.0F,       0.039451F,  0.0107087F};
  const std::vector<float> deviation = {0.0197429F, 0.0189286F, 0.0183531F, 0.0179435F, 0.0191692F, 0.0200656F,
                                        0.0238166F, 0.0313871F, 0.0481658F, 0.0F,       0.0501141F, 0.0265826F};
  const Findings found = test::listen(chroma_cqt_feature(), {test::noisy_tones()}, 44100);
  const auto& means = test::vector_of(chroma_cqt_feature(), found, "chroma.cqt.mean");
  const auto& deviations = test::vector_of(chroma_cqt_feature(), found, "chroma.cqt.std");
  for (std::size_t i = 0; i < kPitchClasses; ++i) {
    EXPECT_NEAR(means[i], mean[i], 3e-3) << i;
    EXPECT_NEAR(deviations[i], deviation[i], 3e-3) << i;
  }
}

TEST(ChromaCqt, GoesOnWithTheTuningItHasWhereTheTrackIsLong) {
  // More samples than are held: the same as of a short one.
  const auto means = [](std::size_t samples) {
    const Findings found = test::listen(chroma_cqt_feature(), {tone(440, samples)}, 11025);
    return test::vector_of(chroma_cqt_feature(), found, "chroma.cqt.mean");
  };
  EXPECT_LT(test::largest_difference(means(8'600'000), means(400'000)), 0.02);
}

TEST(ChromaCqt, NeedsARateWithSevenOctaves) {
  const Findings found = test::listen(chroma_cqt_feature(), {test::scrambled(8000)}, 8000);
  EXPECT_EQ(test::field_of(chroma_cqt_feature(), found, "chroma.cqt.mean").reason, "sample rate below 11025 Hz");
}

TEST(TunedChroma, IsACubicBetweenTunings) {
  // Pitch class 1 is t^3 + 2, class 0 is the maximum, 4, of every frame.
  TunedChroma chroma(5, false);
  std::vector<dsp::Lanes> rows(chroma.rows());
  for (std::size_t point = 0; point < 5; ++point) {
    const double t = chroma.tuning(point);
    for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) {
      rows[point * kPitchClasses].values[lane] = 4;
      rows[point * kPitchClasses + 1].values[lane] = static_cast<float>(t * t * t + 2);
    }
  }
  chroma.add(rows, 7);
  EXPECT_EQ(chroma.frames(), 7U);
  for (const double t : {-0.5, -0.37, -0.1, 0.0, 0.2, 0.49, 0.5}) {
    EXPECT_NEAR(chroma.means(t)[0], 1, 1e-6) << t;
    EXPECT_NEAR(chroma.means(t)[1], (t * t * t + 2) / 4, 1e-6) << t;
    EXPECT_EQ(chroma.means(t)[2], 0) << t;
  }
}

}  // namespace
}  // namespace vivace::analyze
