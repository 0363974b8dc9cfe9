// The chain decoder, downmix, resampler and mel front end against what Essentia computed (tests/goldens).

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <tuple>

#include "base/sha256.hpp"
#include "media/decoder.hpp"
#include "media/downmix.hpp"
#include "media/resampler.hpp"
#include "model/essentia_recipe.hpp"
#include "support/files.hpp"
#include "support/signals.hpp"
#include "support/source_tree.hpp"
#include "support/temporary_folder.hpp"
#include "tasks/embed/mel_frontend.hpp"
#include "tasks/embed/patch_cutter.hpp"

namespace vivace::embed {
namespace {

using media::ResamplerKind;

constexpr double kMelTolerance = 2e-4;  // Essentia accumulates band edges in float32
constexpr double kSampleTolerance = 1e-6;

const nlohmann::json& goldens() {
  static const auto all = nlohmann::json::parse(std::ifstream(test::kGoldens / "front_end.json"));
  return all;
}

/// The mean of every column of a row-major matrix.
std::vector<double> column_means(const std::vector<float>& values, std::size_t columns) {
  std::vector<double> means(columns);
  for (std::size_t i = 0; i < values.size(); ++i) means[i % columns] += values[i];
  for (double& mean : means) mean /= static_cast<double>(values.size() / columns);
  return means;
}

/// Feature frames [frames, bands] of a signal at 16 kHz.
std::vector<float> frames_of(const std::vector<float>& samples, const model::FrontEnd& settings) {
  MelFrontEnd front_end(settings, 16000);
  std::vector<float> frames;
  front_end.push(samples, frames);
  front_end.finish(frames);
  return frames;
}

/// One of the signals that the goldens are about, as an audio file.
class EssentiaSignal {
 protected:
  explicit EssentiaSignal(const std::string& name) : expected_(goldens().at(name)) {
    if (name == "excerpt.flac") {
      path_ = test::kGoldens / name;
    } else {
      test::write_text(path_, test::golden_wav(name));
    }
    EXPECT_EQ(base::sha256_of_file(path_), expected_["sha256"]) << name << " is not the signal of the goldens";
  }

  std::vector<float> samples_at_16k(ResamplerKind kind) const {
    media::Decoder decoder(path_);
    const auto resampler = media::make_resampler(kind, decoder.info().sample_rate, 16000);
    media::AudioBlock block;
    std::vector<float> mono;
    std::vector<float> resampled;
    while (decoder.read(block)) {
      media::downmix_to_mono(block, mono);
      resampler->push(mono, resampled);
    }
    resampler->finish(resampled);
    return resampled;
  }

  const nlohmann::json& expected_;

 private:
  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "signal.wav";
};

const auto kSignals =
    ::testing::Values("excerpt.flac", "two-tones", "notes-44100-stereo", "notes-48000-stereo", "notes-22050-mono");

class EssentiaSamples : protected EssentiaSignal,
                        public ::testing::TestWithParam<std::tuple<const char*, ResamplerKind>> {
 protected:
  EssentiaSamples() : EssentiaSignal(std::get<0>(GetParam())) {}
};

TEST_P(EssentiaSamples, AreReproduced) {
  const ResamplerKind kind = std::get<1>(GetParam());
  const auto& expected = expected_["mono"][std::string(media::resampler_name(kind))];
  const auto samples = samples_at_16k(kind);
  ASSERT_EQ(samples.size(), expected["length"].get<std::size_t>());
  for (std::size_t i = 0; i < expected["index"].size(); ++i) {
    const std::size_t index = expected["index"][i];
    EXPECT_NEAR(samples.at(index), expected["value"][i].get<double>(), kSampleTolerance) << "sample " << index;
  }
}

INSTANTIATE_TEST_SUITE_P(Goldens, EssentiaSamples,
                         ::testing::Combine(kSignals,
                                            ::testing::Values(ResamplerKind::linear, ResamplerKind::sinc_medium)));

struct Features {
  const char* golden;
  const char* algorithm;  ///< the class of Essentia whose recipe makes them
};

std::ostream& operator<<(std::ostream& out, const Features& features) { return out << features.golden; }

class EssentiaFrames : protected EssentiaSignal, public ::testing::TestWithParam<std::tuple<const char*, Features>> {
 protected:
  EssentiaFrames() : EssentiaSignal(std::get<0>(GetParam())) {}
};

TEST_P(EssentiaFrames, AreReproduced) {
  const auto& [golden, algorithm] = std::get<1>(GetParam());
  const auto& expected = expected_[golden];
  const auto settings = model::essentia_recipe(algorithm).front_end;
  const auto frames = frames_of(samples_at_16k(ResamplerKind::linear), settings);
  ASSERT_EQ(frames.size() / settings.bands, expected["frames"].get<std::size_t>());
  const auto means = column_means(frames, settings.bands);
  for (std::size_t band = 0; band < settings.bands; ++band) {
    EXPECT_NEAR(means[band], expected["mean"][band].get<double>(), kMelTolerance) << "mean of band " << band;
    for (std::size_t i = 0; i < expected["index"].size(); ++i) {
      const std::size_t frame = expected["index"][i];
      EXPECT_NEAR(frames[frame * settings.bands + band], expected["value"][i][band].get<double>(), kMelTolerance)
          << "frame " << frame << " band " << band;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Goldens, EssentiaFrames,
                         ::testing::Combine(kSignals,
                                            ::testing::Values(Features{"musicnn_mel", "TensorflowPredictMusiCNN"},
                                                              Features{"vggish_mel", "TensorflowPredictVGGish"})));

// Computed from the definitions in float32, independently of Essentia's code.
TEST(TwoTones, GiveTheFramesPatchesAndMeansThatArePublished) {
  const auto recipe = model::essentia_recipe("TensorflowPredictEffnetDiscogs");
  std::vector<float> samples;
  const auto resampler = media::make_resampler(ResamplerKind::linear, 44100, 16000);
  resampler->push(test::two_tones(264'600), samples);
  resampler->finish(samples);
  const auto frames = frames_of(samples, recipe.front_end);
  EXPECT_EQ(frames.size() / 96, 377U);

  PatchCutter patches(recipe.patch, 96, 100);
  patches.frames() = frames;
  EXPECT_EQ(patches.ready(), 5U);

  const auto means = column_means(frames, 96);
  const std::vector<std::pair<std::size_t, double>> published{{0, 0.01639},  {13, 5.62711}, {14, 5.21525},
                                                              {15, 4.03744}, {67, 0.64809}, {68, 4.43413},
                                                              {69, 4.76372}, {95, 0.00586}};
  for (const auto& [band, mean] : published) EXPECT_NEAR(means[band], mean, kMelTolerance) << "band " << band;
  EXPECT_NEAR(std::accumulate(means.begin(), means.end(), 0.0), 39.09995, 96 * kMelTolerance / 4);
}

}  // namespace
}  // namespace vivace::embed
