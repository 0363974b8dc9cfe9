#include "vivace/embed.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

namespace vivace {
namespace {

EmbedOptions with_model(const std::string& name) {
  EmbedOptions options;
  options.model = std::string(VIVACE_SOURCE_DIR) + "/.deps/models/" + name;
  return options;
}

/// Ten seconds of scrambled integers under a slow swell.
std::vector<float> signal(int sample_rate) {
  std::vector<float> samples(static_cast<std::size_t>(10 * sample_rate));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const float swell = static_cast<float>(i) / static_cast<float>(samples.size());
    samples[i] = swell * (static_cast<float>((7919 * i) % 1000) / 1000 - 0.5F);
  }
  return samples;
}

float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  float largest = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

class EmbedderWith : public ::testing::TestWithParam<std::string> {};

TEST_P(EmbedderWith, AnyBatchGivesTheSameRows) {
  EmbedOptions options = with_model(GetParam());
  options.batch = 1;
  const Embedding expected = Embedder(options).embed(signal(44100), 44100);
  ASSERT_GT(expected.rows, 3U);
  for (const std::size_t batch : {2, 7, 64}) {
    options.batch = batch;
    const Embedding found = Embedder(options).embed(signal(44100), 44100);
    EXPECT_LE(largest_difference(found.embeddings, expected.embeddings), 1e-4) << batch;  // values reach ±25
    EXPECT_LE(largest_difference(found.activations, expected.activations), 1e-5) << batch;
  }
}

TEST_P(EmbedderWith, ManyThreadsGetWhatOneGets) {
  const Embedder embedder(with_model(GetParam()));
  const Embedding expected = embedder.embed(signal(22050), 22050);
  std::vector<Embedding> found(8);
  std::vector<std::jthread> threads;
  for (Embedding& result : found) {
    threads.emplace_back([&] { result = embedder.embed(signal(22050), 22050); });
  }
  threads.clear();
  for (const Embedding& result : found) EXPECT_EQ(result.embeddings, expected.embeddings);
}

TEST_P(EmbedderWith, MeanAndTagsAreMeansOfRows) {
  const Embedder embedder(with_model(GetParam()));
  const Embedding track = embedder.embed(signal(16000), 16000);
  ASSERT_EQ(track.embeddings.size(), track.rows * track.dimension);
  ASSERT_EQ(track.tags.size(), embedder.model().labels.size());
  ASSERT_EQ(track.times_s.size(), track.rows);
  double embedding = 0;
  double activation = 0;
  for (std::size_t row = 0; row < track.rows; ++row) {
    embedding += track.embeddings[row * track.dimension + 3];
    activation += track.activations[row * track.tags.size() + 3];
  }
  EXPECT_NEAR(track.mean[3], embedding / static_cast<double>(track.rows), 1e-5);
  EXPECT_NEAR(track.tags[3].value, activation / static_cast<double>(track.rows), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Models, EmbedderWith, ::testing::Values("msd-musicnn", "discogs-effnet-seeded"));

TEST(Embedder, AudioShorterThanAPatchHasNoRowsAndSaysSo) {
  const Embedder embedder(with_model("msd-musicnn"));
  for (const std::size_t samples : {0, 1, 16000}) {
    const Embedding track = embedder.embed(std::vector<float>(samples, 0.1F), 16000);
    EXPECT_EQ(track.rows, 0U);
    EXPECT_TRUE(track.mean.empty());
    EXPECT_FALSE(track.note.empty());
  }
}

TEST(Embedder, SilenceIsFinite) {
  const Embedding track = Embedder(with_model("msd-musicnn")).embed(std::vector<float>(100'000), 16000);
  ASSERT_GT(track.rows, 0U);
  for (const float value : track.mean) EXPECT_TRUE(std::isfinite(value));
}

TEST(Embedder, SamplesThatAreNoNumbersAreRefusedAndDoNoHarm) {
  const Embedder embedder(with_model("msd-musicnn"));
  std::vector<float> samples = signal(16000);
  const Embedding expected = embedder.embed(samples, 16000);
  samples[70'000] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(embedder.embed(samples, 16000), Error);
  samples[70'000] = 1e30F;
  EXPECT_THROW(embedder.embed(samples, 16000), Error);
  EXPECT_EQ(embedder.embed(signal(16000), 16000).embeddings, expected.embeddings);
}

TEST(Embedder, DurationLimitsLeaveAudioOutAndDoNoHarm) {
  EmbedOptions options = with_model("msd-musicnn");
  options.min_duration_s = 5;
  options.max_duration_s = 11;
  const Embedder embedder(options);
  EXPECT_TRUE(embedder.embed(std::vector<float>(16000), 16000).outside_limits);
  EXPECT_TRUE(embedder.embed(std::vector<float>(16000 * 12), 16000).outside_limits);
  const Embedding inside = embedder.embed(signal(16000), 16000);
  EXPECT_FALSE(inside.outside_limits);
  EXPECT_EQ(inside.embeddings, Embedder(with_model("msd-musicnn")).embed(signal(16000), 16000).embeddings);
}

TEST(Embedder, UnknownModelsAndProvidersAreRefused) {
  EXPECT_THROW(Embedder(with_model("no-such-model")), Error);
  EmbedOptions options = with_model("msd-musicnn");
  options.provider = "cuda";
  EXPECT_THROW(Embedder{options}, Error);
  options.provider = "auto";
  options.backend = "abacus";
  EXPECT_THROW(Embedder{options}, Error);
}

}  // namespace
}  // namespace vivace
