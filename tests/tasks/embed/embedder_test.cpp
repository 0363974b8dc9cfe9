#include "vivace/embed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <thread>
#include <utility>

#include "media/decoder.hpp"
#include "support/allocations.hpp"
#include "support/errors.hpp"
#include "support/signals.hpp"
#include "support/source_tree.hpp"
#include "support/threads.hpp"

namespace vivace {
namespace {

EmbedOptions with_model(const std::string& name) {
  EmbedOptions options;
  options.model = test::installed_model(name).string();
  return options;
}

/// Seconds of noise under a slow swell.
std::vector<float> signal(int sample_rate, int seconds = 10) {
  std::vector<float> samples = test::scrambled(static_cast<std::size_t>(seconds * sample_rate));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] *= static_cast<float>(i) / static_cast<float>(samples.size());
  }
  return samples;
}

/// The largest difference as a share of the largest value.
double relative_difference(const std::vector<float>& found, const std::vector<float>& expected) {
  float largest = 0;
  for (const float value : expected) largest = std::max(largest, std::abs(value));
  return test::largest_difference(found, expected) / largest;
}

class EmbedderWith : public ::testing::TestWithParam<std::string> {};

TEST_P(EmbedderWith, AnyBatchGivesTheSameRows) {
  EmbedOptions options = with_model(GetParam());
  options.batch = 1;
  const Embedding expected = Embedder(options).embed(signal(44100), 44100);
  ASSERT_GT(expected.rows, 3U);
  for (const std::size_t batch : {2, 7, 16, 64}) {
    SCOPED_TRACE(batch);
    options.batch = batch;
    const Embedding found = Embedder(options).embed(signal(44100), 44100);
    EXPECT_LE(relative_difference(found.embeddings, expected.embeddings), 1e-5);
    EXPECT_LE(relative_difference(found.activations, expected.activations), 1e-5);
  }
}

TEST_P(EmbedderWith, AFileGivesWhatItsSamplesGive) {
  const auto path = test::kGoldens / "excerpt.flac";
  media::Decoder decoder(path);
  ASSERT_EQ(decoder.info().channels, 1U);
  std::vector<float> samples;
  media::AudioBlock block;
  while (decoder.read(block)) samples.insert(samples.end(), block.samples.begin(), block.samples.end());

  const Embedder embedder(with_model(GetParam()));
  const Embedding file = embedder.embed_file(path);
  const Embedding memory = embedder.embed(samples, decoder.info().sample_rate);
  ASSERT_GT(file.rows, 3U);
  EXPECT_EQ(file.embeddings, memory.embeddings);
  EXPECT_EQ(file.activations, memory.activations);
  EXPECT_EQ(file.mean, memory.mean);
  EXPECT_EQ(file.times_s, memory.times_s);
  EXPECT_EQ(file.duration_s, memory.duration_s);
  EXPECT_FALSE(file.truncated);
}

TEST_P(EmbedderWith, StartsNoThreads) {
  const Embedder first(with_model(GetParam()));  // what libraries start once a process is there by now
  const std::size_t before = test::thread_count();
  const Embedder embedder(with_model(GetParam()));
  embedder.embed(signal(16000), 16000);
  EXPECT_EQ(test::thread_count(), before);
}

/// What the thread takes from `operator new` for each batch after the first ones.
double bytes_of_a_batch(EmbedOptions options, std::size_t batch) {
  options.keep_rows = false;
  options.batch = batch;
  const Embedder embedder(options);
  const auto measure = [&](int seconds) {
    const std::vector<float> samples = signal(16000, seconds);
    const test::AllocationWatch watch;
    const std::size_t rows = embedder.embed(samples, 16000).rows;
    return std::pair(static_cast<double>(watch.bytes()), static_cast<double>((rows + batch - 1) / batch));
  };
  measure(30);
  measure(120);
  const auto [short_bytes, few_batches] = measure(30);
  const auto [long_bytes, many_batches] = measure(120);
  return (long_bytes - short_bytes) / (many_batches - few_batches);
}

// ONNX Runtime's own bookkeeping takes some memory, the same for every run.
TEST_P(EmbedderWith, BatchesTakeNoMemoryForTensors) {
  if (!test::AllocationWatch::works()) GTEST_SKIP() << "a sanitizer brings its own operator new";
  const double small = bytes_of_a_batch(with_model(GetParam()), 4);
  EXPECT_NEAR(bytes_of_a_batch(with_model(GetParam()), 16), small, 0.05 * small);
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
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), 1e30F}) {
    samples[70'000] = bad;
    test::expect_error(ErrorCode::corrupt_data, [&] { embedder.embed(samples, 16000); });
  }
  EXPECT_EQ(embedder.embed(signal(16000), 16000).embeddings, expected.embeddings);
}

TEST(Embedder, DurationLimitsLeaveAudioOutAndDoNoHarm) {
  EmbedOptions options = with_model("msd-musicnn");
  options.min_duration_s = 5;
  options.max_duration_s = 11;
  const Embedder embedder(options);
  for (const std::size_t seconds : {1, 4, 12, 40}) {
    const Embedding left_out = embedder.embed(std::vector<float>(16000 * seconds), 16000);
    EXPECT_TRUE(left_out.outside_limits) << seconds;
    EXPECT_EQ(left_out.rows, 0U);
    EXPECT_TRUE(left_out.embeddings.empty() && left_out.activations.empty() && left_out.times_s.empty());
    EXPECT_TRUE(left_out.mean.empty() && left_out.tags.empty());
  }
  const Embedding inside = embedder.embed(signal(16000), 16000);
  EXPECT_FALSE(inside.outside_limits);
  EXPECT_EQ(inside.embeddings, Embedder(with_model("msd-musicnn")).embed(signal(16000), 16000).embeddings);
}

TEST(Embedder, UnknownModelsAreNotFound) {
  EmbedOptions options;
  options.model = "./no-such-model";
  test::expect_error(ErrorCode::not_found, [&] { Embedder{options}; });
}

TEST(Embedder, UnknownBackendsAndProvidersAreUnavailable) {
  for (std::string PlacementOptions::*name : {&PlacementOptions::backend, &PlacementOptions::provider}) {
    EmbedOptions options = with_model("msd-musicnn");
    options.placement.*name = "abacus";
    test::expect_contains(test::expect_error(ErrorCode::unavailable, [&] { Embedder{options}; }), "abacus");
  }
}

TEST(Embedder, OptionsThatContradictEachOtherAreRefused) {
  EmbedOptions limits = with_model("msd-musicnn");
  limits.min_duration_s = 50;
  limits.max_duration_s = 10;
  test::expect_error(ErrorCode::invalid_argument, [&] { Embedder{limits}; });
  EmbedOptions batch = with_model("msd-musicnn");
  batch.batch = 4097;
  test::expect_error(ErrorCode::invalid_argument, [&] { Embedder{batch}; });
}

TEST(Embedder, RatesOutOfRangeAreRefused) {
  const Embedder embedder(with_model("msd-musicnn"));
  for (const int rate : {-1, 0, 999, 768'001}) {
    SCOPED_TRACE(rate);
    test::expect_error(ErrorCode::invalid_argument, [&] { embedder.embed(std::vector<float>(1000), rate); });
  }
}

}  // namespace
}  // namespace vivace
