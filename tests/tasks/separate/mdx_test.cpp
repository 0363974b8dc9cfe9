#include <gtest/gtest.h>

#include "support/errors.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "tasks/separate/mdx_table.hpp"
#include "tasks/separate/toy_models.hpp"

namespace vivace {
namespace {

using test::Stems;
using test::TemporaryFolder;

constexpr std::size_t kFft = 64;
constexpr std::size_t kHop = 16;
constexpr std::size_t kFrames = 17;
constexpr std::size_t kChunk = (kFrames - 1) * kHop;
constexpr std::size_t kStep = kChunk * 3 / 4;

struct Toy {
  float weight = 1;  ///< the network gives the mix times this
  double compensate = 1;
  std::size_t bins = kFft / 2 + 1;
  std::size_t zeroed_bins = 0;
  std::int64_t frames = kFrames;  ///< of the graph; -1: any
};

std::string write_toy(const std::filesystem::path& folder, const Toy& toy) {
  model::Manifest manifest;
  manifest.family = model::kMdx;
  manifest.audio = model::AudioInput{44100, "soxr-hq"};
  manifest.spectrum = model::Spectrum{kFft, kHop, toy.bins, kFrames, toy.zeroed_bins};
  manifest.separation = model::Separation{{"vocals", "instrumental"}, toy.compensate, {}};
  const std::vector<std::int64_t> shape = {-1, 4, test::signed_size(toy.bins), toy.frames};
  return test::write_separator(folder, manifest,
                               {test::weighting_graph({{{"input", shape}, {"output", shape}, {toy.weight}}})});
}

class MdxOfLength : public testing::TestWithParam<std::tuple<std::size_t, double>> {};

TEST_P(MdxOfLength, WholeBandIsTheMix) {
  const auto [frames, overlap] = GetParam();
  const TemporaryFolder folder;
  const std::vector<float> left = test::scrambled(frames);
  const std::vector<float> right(left.rbegin(), left.rend());
  const std::string model = write_toy(folder / "toy", {.weight = 0.5});
  const Stems stems = test::separate({.model = model, .overlap = overlap}, left, right);
  ASSERT_EQ(stems.left[0].size(), frames);
  for (std::size_t i = 0; i < frames; ++i) {
    ASSERT_NEAR(stems.left[0][i], 0.5 * left[i], 2e-6) << i;
    ASSERT_FLOAT_EQ(stems.left[0][i] + stems.left[1][i], left[i]) << i;
    ASSERT_NEAR(stems.right[1][i], 0.5 * right[i], 2e-6) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(LengthsAndOverlaps, MdxOfLength,
                         testing::Combine(testing::Values(0, 1, kChunk - kFft - 1, kChunk - kFft, kChunk - kFft + 1,
                                                          kStep - 1, kStep, kStep + 1, 10 * kChunk + 7),
                                          testing::Values(0.0, 0.25, 0.5)));

TEST(Mdx, LoudTracksComeBackAsLoud) {
  const TemporaryFolder folder;
  std::vector<float> loud = test::scrambled(3000);
  for (float& sample : loud) sample *= 5;
  const Stems stems = test::separate({.model = write_toy(folder / "toy", {})}, loud, loud);
  for (std::size_t i = 0; i < loud.size(); ++i) ASSERT_NEAR(stems.left[0][i], loud[i], 2e-5) << i;
}

TEST(Mdx, TheRestIsWithoutTheCompensatedStem) {
  const TemporaryFolder folder;
  const std::vector<float> mix = test::scrambled(3000);
  const std::string model = write_toy(folder / "toy", {.weight = 0.5, .compensate = 1.5});
  const Stems stems = test::separate({.model = model}, mix, mix);
  const Stems two = test::separate({.model = model, .two_stems = "vocals"}, mix, mix);
  for (std::size_t i = 0; i < mix.size(); ++i) ASSERT_NEAR(stems.left[1][i], 0.25 * mix[i], 2e-6) << i;
  EXPECT_EQ(two.left[1], stems.left[1]);
}

TEST(Mdx, BandLimitedRestHasNothingThatTheNetworkDoesNotSee) {
  const TemporaryFolder folder;
  const std::vector<float> mix = test::scrambled(3000);
  const std::string model = write_toy(folder / "toy", {.weight = 0.5, .bins = 20, .zeroed_bins = 2});
  const Stems stems = test::separate({.model = model, .band_limited_rest = true}, mix, mix);
  for (std::size_t i = 0; i < mix.size(); ++i) ASSERT_NEAR(stems.left[1][i], stems.left[0][i], 2e-6) << i;
}

TEST(Mdx, DenoisingALinearNetworkChangesNothing) {
  const TemporaryFolder folder;
  const std::vector<float> mix = test::scrambled(3000);
  const std::string model = write_toy(folder / "toy", {.weight = 0.5});
  const Stems plain = test::separate({.model = model}, mix, mix);
  const Stems stems = test::separate({.model = model, .denoise = true}, mix, mix);
  EXPECT_LE(test::largest_difference(stems.left[0], plain.left[0]), 1e-7);
  EXPECT_EQ(stems.summary.segments, 2 * plain.summary.segments);
}

TEST(Mdx, SegmentsBeyondMeasureAreRefused) {
  const TemporaryFolder folder;
  for (const std::int64_t frames : {std::int64_t{65537}, std::int64_t{1} << 32, std::int64_t{1} << 54}) {
    const std::string model = write_toy(folder / std::to_string(frames), {.frames = frames});
    test::expect_error(ErrorCode::model_mismatch, [&] { const Separator separator({.model = model}); });
  }
  const std::string model = write_toy(folder / "any", {.frames = -1});
  EXPECT_NEAR(Separator({.model = model, .segment_s = 20}).model().segment_s, 20, 0.01);
  test::expect_error(ErrorCode::invalid_argument,
                     [&] { const Separator separator({.model = model, .segment_s = 60}); });
}

TEST(MdxTable, KnowsFilesByTheirIdentity) {
  const auto facts = separate::find_mdx_facts("55657dd70583b0fedfba5f67df11d711");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->fft, 6144U);
  EXPECT_EQ(facts->bins, 3072U);
  EXPECT_EQ(facts->compensate, 1.022);
  EXPECT_EQ(facts->primary_stem, "instrumental");
  EXPECT_TRUE(separate::find_mdx_facts("0ddfc0eb5792638ad5dc27850236c246"));
  EXPECT_TRUE(separate::find_mdx_facts("f2df6d6863d8f435436d8b561594ff49"));
  EXPECT_FALSE(separate::find_mdx_facts("00000000000000000000000000000000"));
  EXPECT_FALSE(separate::find_mdx_facts("ffffffffffffffffffffffffffffffff"));
}

TEST(Mdx, UnknownFilesAreRefusedWithTheirIdentity) {
  const TemporaryFolder folder;
  const std::vector<std::int64_t> shape = {-1, 4, 2048, 256};
  test::write_text(folder / "a.onnx", test::weighting_graph({{{"input", shape}, {"output", shape}, {1}}}));
  const Error error = test::error_of([&] { Separator({.model = (folder / "a.onnx").string()}); });
  EXPECT_EQ(error.code(), ErrorCode::model_mismatch);
  test::expect_contains(error.what(), "MD5");
}

}  // namespace
}  // namespace vivace
