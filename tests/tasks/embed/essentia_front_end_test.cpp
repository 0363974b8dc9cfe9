// The chain decoder, downmix, resampler and mel front end against what Essentia computed (tests/goldens).

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "media/decoder.hpp"
#include "media/downmix.hpp"
#include "media/resampler.hpp"
#include "tasks/embed/front_ends.hpp"
#include "tasks/embed/mel_frontend.hpp"

namespace vivace::embed {
namespace {

constexpr double kMelTolerance = 2e-4;  // Essentia accumulates band edges in float32
constexpr double kSampleTolerance = 1e-6;

const std::filesystem::path kGoldens = std::filesystem::path(VIVACE_SOURCE_DIR) / "tests/goldens";

nlohmann::json goldens() { return nlohmann::json::parse(std::ifstream(kGoldens / "front_end.json"))["excerpt.flac"]; }

std::vector<float> excerpt_at_16k(media::ResamplerKind kind) {
  media::Decoder decoder(kGoldens / "excerpt.flac");
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

class EssentiaSamples : public ::testing::TestWithParam<media::ResamplerKind> {};
TEST_P(EssentiaSamples, AreReproduced) {
  const auto expected = goldens()["mono"][std::string(media::resampler_name(GetParam()))];
  const auto samples = excerpt_at_16k(GetParam());
  EXPECT_EQ(samples.size(), expected["length"].get<std::size_t>());
  for (std::size_t i = 0; i < expected["index"].size(); ++i) {
    EXPECT_NEAR(samples.at(expected["index"][i]), expected["value"][i].get<double>(), kSampleTolerance)
        << "sample " << i;
  }
}
INSTANTIATE_TEST_SUITE_P(Resamplers, EssentiaSamples,
                         ::testing::Values(media::ResamplerKind::linear, media::ResamplerKind::sinc_medium));

void expect_frames(const nlohmann::json& expected, const model::FrontEnd& settings) {
  MelFrontEnd front_end(settings, 16000);
  std::vector<float> frames;
  front_end.push(excerpt_at_16k(media::ResamplerKind::linear), frames);
  front_end.finish(frames);
  const std::size_t bands = front_end.bands();
  ASSERT_EQ(frames.size() / bands, expected["frames"].get<std::size_t>());
  for (std::size_t i = 0; i < expected["index"].size(); ++i) {
    const std::size_t frame = expected["index"][i];
    for (std::size_t band = 0; band < bands; ++band) {
      EXPECT_NEAR(frames[frame * bands + band], expected["value"][i][band].get<double>(), kMelTolerance)
          << "frame " << frame << " band " << band;
    }
  }
}

TEST(EssentiaFrames, OfMusicnnAreReproduced) { expect_frames(goldens()["musicnn_mel"], test::musicnn_front_end()); }
TEST(EssentiaFrames, OfVggishAreReproduced) { expect_frames(goldens()["vggish_mel"], test::vggish_front_end()); }

}  // namespace
}  // namespace vivace::embed
