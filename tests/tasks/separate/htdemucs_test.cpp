#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "support/errors.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "tasks/separate/toy_models.hpp"

namespace vivace {
namespace {

using test::Stems;
using test::TemporaryFolder;

constexpr std::size_t kSegment = 400;
constexpr std::size_t kStride = 300;
constexpr std::size_t kBins = 32;
const std::vector<float> kQuarters(4, 0.25F);

/// Noise whose mean over both channels is 0, so that stems that share it out add up to it.
struct Track {
  explicit Track(std::size_t frames) : left(test::scrambled(frames)), right(test::scrambled(frames)) {
    std::ranges::reverse(right);
    for (float& sample : right) sample *= -0.5F;
    double mean = 0;
    for (std::size_t i = 0; i < frames; ++i) mean += (double{left[i]} + right[i]) / 2;
    for (std::vector<float>* channel : {&left, &right}) {
      for (float& sample : *channel) sample -= static_cast<float>(mean / static_cast<double>(frames));
    }
  }
  std::vector<float> left;
  std::vector<float> right;
};

std::vector<float> sum_of(const std::vector<std::vector<float>>& stems) {
  std::vector<float> sum(stems.front().size());
  for (const std::vector<float>& stem : stems) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += stem[i];
  }
  return sum;
}

/// A tone far below the highest bin.
std::vector<float> low_tone(std::size_t frames) {
  std::vector<float> samples(frames);
  for (std::size_t i = 0; i < frames; ++i) samples[i] = std::sin(0.05F * static_cast<float>(i));
  return samples;
}

class HtdemucsOfLength : public testing::TestWithParam<std::size_t> {};

TEST_P(HtdemucsOfLength, StemsAddUpToTheMix) {
  const TemporaryFolder folder;
  const Track track(GetParam());
  const std::string model =
      test::write_separator(folder / "toy", test::htdemucs_manifest(), {test::wave_graph(kSegment, kQuarters)});
  const Stems stems = test::separate({.model = model}, track.left, track.right);
  EXPECT_LE(test::largest_difference(sum_of(stems.left), track.left), 1e-6);
  EXPECT_LE(test::largest_difference(sum_of(stems.right), track.right), 1e-6);
  EXPECT_EQ(stems.summary.segments, GetParam() == 0 ? 0 : (GetParam() - 1) / kStride + 1);
}

INSTANTIATE_TEST_SUITE_P(Lengths, HtdemucsOfLength,
                         testing::Values(0, 1, 2, kStride - 1, kStride, kStride + 1, kSegment - 1, kSegment,
                                         kSegment + 1, 10 * kSegment + 7));

TEST(Htdemucs, BothFormsAreEqual) {
  const TemporaryFolder folder;
  const std::string wave =
      test::write_separator(folder / "wave", test::htdemucs_manifest(), {test::wave_graph(kSegment, {1, 0.5, 0, 2})});
  const std::string spectrum =
      test::write_separator(folder / "spectrum", test::htdemucs_manifest(),
                            {test::spectrum_graph(kSegment, kBins, {0.25, 0.75, -1, 0}, {0.75, -0.25, 1, 2})});
  const std::vector<float> tone = low_tone(3000);
  const Stems expected = test::separate({.model = wave}, tone, tone);
  const Stems stems = test::separate({.model = spectrum}, tone, tone);
  for (std::size_t stem = 0; stem < 4; ++stem) {
    // HTDemucs' own inverse loses some of the first and the last frame of a segment: two hops of it have no neighbour.
    for (std::size_t i = 2 * kBins; i < tone.size() - kSegment; ++i) {
      if (i % kStride < kSegment - kStride) continue;
      ASSERT_NEAR(stems.left[stem][i], expected.left[stem][i], 1e-4) << i;
    }
  }
}

TEST(Htdemucs, AnyNumberOfWorkersGivesTheSameBits) {
  const TemporaryFolder folder;
  const Track track(7001);
  const std::string model =
      test::write_separator(folder / "toy", test::htdemucs_manifest(), {test::wave_graph(kSegment, {1, 0.5, 0.1, 2})});
  const SeparateOptions one{.model = model, .shifts = 3};
  SeparateOptions many = one;
  many.threads = 4;
  many.workers = 4;
  const Stems a = test::separate(one, track.left, track.right);
  const Stems b = test::separate(many, track.left, track.right);
  EXPECT_EQ(a.left, b.left);
  EXPECT_EQ(a.right, b.right);
}

TEST(Htdemucs, ShiftsOfANetworkThatDoesNotCareChangeNothing) {
  const TemporaryFolder folder;
  const Track track(50'000);
  const std::string model =
      test::write_separator(folder / "toy", test::htdemucs_manifest(), {test::wave_graph(kSegment, kQuarters)});
  const Stems stems = test::separate({.model = model, .shifts = 4, .seed = 1337}, track.left, track.right);
  EXPECT_LE(test::largest_difference(sum_of(stems.left), track.left), 2e-6);
}

TEST(Htdemucs, BagGivesEachStemItsNetwork) {
  const TemporaryFolder folder;
  const Track track(1000);
  model::Manifest manifest = test::htdemucs_manifest();
  manifest.separation->bag = {{"graph", {1, 0, 0, 0}}, {"graph-2", {0, 1, 2, 0}}, {"graph-3", {0, 0, 2, 1}}};
  const auto bag = [&](const char* name, float second) {
    return test::write_separator(
        folder / name, manifest,
        {test::wave_graph(kSegment, {1, 9, 9, 9}), test::wave_graph(kSegment, {9, second, 1, 9}),
         test::wave_graph(kSegment, {9, 9, 0, 0.5})});
  };
  const Stems stems = test::separate({.model = bag("a", 0.25)}, track.left, track.right);
  const Stems changed = test::separate({.model = bag("b", 0.75)}, track.left, track.right);
  const std::vector<float> shares = {1, 0.25, 0.5, 0.5};
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t k = 0; k < 1000; ++k) ASSERT_NEAR(stems.left[i][k], shares[i] * track.left[k], 1e-6);
    EXPECT_EQ(stems.left[i] == changed.left[i], i != 1);
  }
  EXPECT_EQ(stems.summary.segments, 4U * 3);
  const Stems one = test::separate({.model = bag("c", 0.25), .stems = {"vocals"}}, track.left, track.right);
  EXPECT_EQ(one.left.front(), stems.left[3]);
  EXPECT_EQ(one.summary.segments, 4U);
}

TEST(Htdemucs, TwoStemsAddUpToTheMix) {
  const TemporaryFolder folder;
  const Track track(1000);
  const std::string model = test::write_separator(folder / "toy", test::htdemucs_manifest(),
                                                  {test::wave_graph(kSegment, {0.1, 0.2, 0.3, 0.4})});
  for (const bool subtract : {false, true}) {
    const Stems stems =
        test::separate({.model = model, .two_stems = "bass", .subtract = subtract}, track.left, track.right);
    ASSERT_EQ(stems.left.size(), 2U);
    EXPECT_LE(test::largest_difference(sum_of(stems.left), track.left), 1e-6);
    ASSERT_NEAR(stems.left[0][500], 0.2F * track.left[500], 1e-6);
  }
}

TEST(Htdemucs, SilenceStaysSilent) {
  const TemporaryFolder folder;
  const std::string model =
      test::write_separator(folder / "toy", test::htdemucs_manifest(), {test::wave_graph(kSegment, kQuarters)});
  const std::vector<float> silence(1000);
  const Stems stems = test::separate({.model = model}, silence, silence);
  for (const std::vector<float>& stem : stems.left) EXPECT_EQ(stem, silence);
  EXPECT_FALSE(stems.summary.residual_db);
}

TEST(Htdemucs, NotANumberIsRefused) {
  const TemporaryFolder folder;
  const std::string model =
      test::write_separator(folder / "toy", test::htdemucs_manifest(), {test::wave_graph(kSegment, kQuarters)});
  std::vector<float> samples(1000);
  samples[700] = std::nanf("");
  const Error error = test::error_of([&] { test::separate({.model = model}, samples, samples); });
  EXPECT_EQ(error.code(), ErrorCode::corrupt_data);
  test::expect_contains(error.what(), "700");
}

TEST(Htdemucs, ModelThatGivesNoNumbersIsBlamed) {
  const TemporaryFolder folder;
  const std::vector<float> weights = {0.25, 0.25, std::nanf(""), 0.25};
  const std::string model =
      test::write_separator(folder / "toy", test::htdemucs_manifest(), {test::wave_graph(kSegment, weights)});
  const std::vector<float> samples = test::scrambled(1000);
  const std::string said =
      test::expect_error(ErrorCode::model_mismatch, [&] { test::separate({.model = model}, samples, samples); });
  test::expect_contains(said, "'toy' gives values of other");
}

TEST(Htdemucs, OptionsThatTheModelHasNotAreRefused) {
  const TemporaryFolder folder;
  const std::string model =
      test::write_separator(folder / "toy", test::htdemucs_manifest(), {test::wave_graph(kSegment, kQuarters)});
  const std::vector<SeparateOptions> refused = {{.model = model, .stems = {"piano"}},
                                                {.model = model, .two_stems = "piano"},
                                                {.model = model, .stems = {"bass", "bass"}},
                                                {.model = model, .stems = {"bass"}, .two_stems = "bass"},
                                                {.model = model, .shifts = 101},
                                                {.model = model, .seed = 7},
                                                {.model = model, .overlap = 1},
                                                {.model = model, .segment_s = 5},
                                                {.model = model, .denoise = true},
                                                {.model = model, .upper_band = "noise"},
                                                {.model = model, .wiener = 1},
                                                {.model = model, .threads = 0}};
  for (const SeparateOptions& options : refused) {
    test::expect_error(ErrorCode::invalid_argument, [&] { Separator{options}; });
  }
}

TEST(Htdemucs, IsRecognisedByItsGraph) {
  const TemporaryFolder folder;
  const Track track(1000);
  test::write_text(folder / "six.onnx", test::wave_graph(kSegment, std::vector<float>(6, 0.5)));
  const Separator separator({.model = (folder / "six.onnx").string()});
  EXPECT_EQ(separator.model().stems, (std::vector<std::string>{"drums", "bass", "other", "vocals", "guitar", "piano"}));
  test::write_text(folder / "five.onnx", test::wave_graph(kSegment, std::vector<float>(5, 0.5)));
  test::expect_error(ErrorCode::model_mismatch, [&] { Separator({.model = (folder / "five.onnx").string()}); });
}

}  // namespace
}  // namespace vivace
