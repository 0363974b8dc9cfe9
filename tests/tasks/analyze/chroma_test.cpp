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

TEST(Tuning, OfManyPeaksIsThatOfFew) {
  // More peaks than are kept.
  TuningEstimator few(44100, 12);
  TuningEstimator many(44100, 12);
  const std::vector<float> noise = test::scrambled(300 * kBins);
  for (std::size_t frame = 0; frame < 9000; ++frame) {
    std::vector<float> spectrum(kBins);
    for (std::size_t i = 0; i < kBins; ++i) spectrum[i] = 0.5F + noise[frame % 300 * kBins + i];
    if (frame < 300) few.add(spectrum);
    many.add(spectrum);
  }
  EXPECT_NEAR(many.estimate(), few.estimate(), 1e-9);
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

/// 8 s of 24 semitones from A3 on, a tenth of a semitone sharp, faded in and out.
std::vector<float> semitones(int sample_rate) {
  std::vector<float> signal(static_cast<std::size_t>(8 * sample_rate));
  for (std::size_t i = 0; i < signal.size(); ++i) {
    double sum = 0;
    for (int tone = 0; tone < 24; ++tone) {
      const double turns = 220 * std::exp2((tone + 0.1) / 12) * static_cast<double>(i) / sample_rate;
      sum += (0.01 + 0.002 * (7 * tone % 12)) * std::sin(2 * std::numbers::pi * turns);
    }
    const double fade = std::sin(std::numbers::pi / 8 * static_cast<double>(i) / sample_rate);
    signal[i] = static_cast<float>(sum * fade * fade);
  }
  return signal;
}

struct AtRate {
  int sample_rate;
  std::vector<float> mean, deviation;
};

class ChromaCqtAt : public testing::TestWithParam<AtRate> {};

TEST_P(ChromaCqtAt, IsLibrosas) {
  const auto& [rate, mean, deviation] = GetParam();
  const Findings found = test::listen(chroma_cqt_feature(), {semitones(rate)}, rate);
  const auto& means = test::vector_of(chroma_cqt_feature(), found, "chroma.cqt.mean");
  const auto& deviations = test::vector_of(chroma_cqt_feature(), found, "chroma.cqt.std");
  for (std::size_t i = 0; i < kPitchClasses; ++i) {
    EXPECT_NEAR(means[i] / mean[i], 1, 1e-3) << i;
    EXPECT_NEAR(deviations[i], deviation[i], 2e-3) << i;
  }
}

// librosa 0.11: feature.chroma_cqt(y=semitones, sr=…).
INSTANTIATE_TEST_SUITE_P(Librosa, ChromaCqtAt,
                         testing::Values(AtRate{11025,
                                                {0.927129F, 0.581466F, 0.997643F, 0.664577F, 0.352781F, 0.741688F,
                                                 0.440971F, 0.801856F, 0.521558F, 0.367064F, 0.848379F, 0.481577F},
                                                {0.009393F, 0.009848F, 0.019860F, 0.015750F, 0.006694F, 0.030442F,
                                                 0.015870F, 0.043382F, 0.021181F, 0.030833F, 0.020575F, 0.023053F}},
                                         AtRate{16000,
                                                {0.928805F, 0.580959F, 0.997590F, 0.666403F, 0.354088F, 0.740280F,
                                                 0.443596F, 0.803854F, 0.525760F, 0.366206F, 0.848702F, 0.481071F},
                                                {0.010958F, 0.008121F, 0.020721F, 0.015431F, 0.009140F, 0.031740F,
                                                 0.016849F, 0.043642F, 0.018614F, 0.021398F, 0.020400F, 0.019829F}},
                                         AtRate{22050,
                                                {0.929434F, 0.580479F, 0.998090F, 0.666320F, 0.353619F, 0.741456F,
                                                 0.443651F, 0.805091F, 0.525780F, 0.366568F, 0.847448F, 0.480384F},
                                                {0.009508F, 0.008687F, 0.017500F, 0.014071F, 0.007275F, 0.025780F,
                                                 0.013407F, 0.035200F, 0.016356F, 0.021392F, 0.019184F, 0.021505F}},
                                         AtRate{32000,
                                                {0.929831F, 0.580773F, 0.998227F, 0.666657F, 0.353861F, 0.741636F,
                                                 0.443730F, 0.806433F, 0.525754F, 0.368053F, 0.846092F, 0.480606F},
                                                {0.010461F, 0.010565F, 0.016954F, 0.014691F, 0.008141F, 0.026024F,
                                                 0.014349F, 0.037672F, 0.017751F, 0.020577F, 0.019681F, 0.020429F}},
                                         AtRate{44100,
                                                {0.916736F, 0.689142F, 0.998212F, 0.778906F, 0.438402F, 0.727451F,
                                                 0.531466F, 0.800460F, 0.616105F, 0.429366F, 0.823718F, 0.582966F},
                                                {0.018844F, 0.015135F, 0.017155F, 0.019965F, 0.009649F, 0.027057F,
                                                 0.017043F, 0.035575F, 0.025067F, 0.017380F, 0.026067F, 0.023995F}},
                                         AtRate{48000,
                                                {0.923897F, 0.646948F, 0.998009F, 0.735992F, 0.406347F, 0.734390F,
                                                 0.499440F, 0.803553F, 0.579864F, 0.414847F, 0.835711F, 0.546451F},
                                                {0.033158F, 0.025619F, 0.018033F, 0.029260F, 0.015152F, 0.035482F,
                                                 0.021633F, 0.043817F, 0.029712F, 0.018605F, 0.033423F, 0.030439F}}));

TEST(ChromaCqt, OfNoiseIsLibrosas) {
  // librosa 0.11: feature.chroma_cqt(y=noisy_tones, sr=44100). Where a signal begins or ends with a click, resamplers
  // differ, and so does a frame or two.
  const std::vector<float> mean = {0.0149433F, 0.012956F,  0.0121948F, 0.0151841F, 0.0095616F, 0.011836F,
                                   0.010181F,  0.0157387F, 0.2562793F, 1.0F,       0.039451F,  0.0107087F};
  const std::vector<float> deviation = {0.0197429F, 0.0189286F, 0.0183531F, 0.0179435F, 0.0191692F, 0.0200656F,
                                        0.0238166F, 0.0313871F, 0.0481658F, 0.0F,       0.0501141F, 0.0265826F};
  const Findings found = test::listen(chroma_cqt_feature(), {test::noisy_tones()}, 44100);
  const auto& means = test::vector_of(chroma_cqt_feature(), found, "chroma.cqt.mean");
  const auto& deviations = test::vector_of(chroma_cqt_feature(), found, "chroma.cqt.std");
  for (std::size_t i = 0; i < kPitchClasses; ++i) {
    EXPECT_NEAR(means[i], mean[i], 1e-3) << i;
    EXPECT_NEAR(deviations[i], deviation[i], 2e-3) << i;
  }
}

TEST(ChromaCqt, DoesNotDependOnBlocks) {
  const Findings whole = test::listen(chroma_cqt_feature(), {test::noisy_tones()}, 44100, 66150);
  const Findings parts = test::listen(chroma_cqt_feature(), {test::noisy_tones()}, 44100, 777);
  for (const char* field : {"chroma.cqt.mean", "chroma.cqt.std"}) {
    EXPECT_EQ(test::vector_of(chroma_cqt_feature(), whole, field), test::vector_of(chroma_cqt_feature(), parts, field));
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
