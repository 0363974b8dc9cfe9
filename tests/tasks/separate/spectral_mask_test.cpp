#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "support/errors.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "tasks/separate/toy_models.hpp"
#include "tasks/separate/wiener_filter.hpp"

namespace vivace {
namespace {

using test::Stems;
using test::TemporaryFolder;

constexpr std::size_t kFft = 64;
constexpr std::size_t kHop = 16;
constexpr std::size_t kBins = 16;
constexpr std::size_t kFrames = 8;
constexpr std::size_t kStride = kFrames * kHop;

/// Stem i is estimated as the mix's magnitudes times weights[i].
std::string write_toy(const std::filesystem::path& folder, const std::vector<float>& weights,
                      std::size_t frames = kFrames, std::size_t hop = kHop) {
  model::Manifest manifest;
  manifest.family = model::kSpectralMask;
  manifest.audio = model::AudioInput{44100, "soxr-hq"};
  manifest.spectrum = model::Spectrum{kFft, hop, kBins, frames, 0};
  manifest.separation = model::Separation{{"vocals", "accompaniment"}, 1, {}};
  return test::write_separator(
      folder, manifest,
      {test::weighting_graph({{{"mag", {-1, 2, kFrames, kBins}}, {"stems", {-1, 2, 2, kFrames, kBins}}, weights}})});
}

class SpectralMaskOfLength : public testing::TestWithParam<std::size_t> {};

TEST_P(SpectralMaskOfLength, MasksOfAllBinsAddUpToTheMix) {
  const TemporaryFolder folder;
  const std::vector<float> left = test::scrambled(GetParam());
  const std::vector<float> right(left.rbegin(), left.rend());
  const std::string model = write_toy(folder / "toy", {2, 1});
  const Stems stems = test::separate({.model = model, .upper_band = "average"}, left, right);
  ASSERT_EQ(stems.left[0].size(), left.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    ASSERT_NEAR(stems.left[0][i], 0.8 * left[i], 1e-6) << i;  // 2² of 2² + 1²
    ASSERT_NEAR(stems.left[0][i] + stems.left[1][i], left[i], 1e-6) << i;
    ASSERT_NEAR(stems.right[1][i], 0.2 * right[i], 1e-6) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Lengths, SpectralMaskOfLength,
                         testing::Values(0, 1, 2, kStride - kFft - 1, kStride - kFft, kStride - kFft + 1, kStride - 1,
                                         kStride, kStride + 1, 10 * kStride + 7));

TEST(SpectralMask, NothingIsLeftAboveTheBandWithoutAverage) {
  const TemporaryFolder folder;
  std::vector<float> high(4000);
  for (std::size_t i = 0; i < high.size(); ++i) {
    high[i] = static_cast<float>(std::cos(2 * std::numbers::pi * 24 / kFft * static_cast<double>(i)));
  }
  const std::string model = write_toy(folder / "toy", {1, 1});
  const Stems stems = test::separate({.model = model}, high, high);
  for (std::size_t i = kFft; i < high.size() - kFft; ++i) ASSERT_NEAR(stems.left[0][i], 0, 1e-5);
  EXPECT_NEAR(*stems.summary.residual_db, 0, 0.1);
}

TEST(SpectralMask, AnyNumberOfWorkersGivesTheSameBits) {
  const TemporaryFolder folder;
  const std::vector<float> left = test::scrambled(10'000);
  const SeparateOptions one{.model = write_toy(folder / "toy", {2, 1})};
  SeparateOptions many = one;
  many.threads = 4;
  EXPECT_EQ(test::separate(one, left, left).left, test::separate(many, left, left).left);
}

TEST(SpectralMask, SilenceIsSharedOutAsSilence) {
  const TemporaryFolder folder;
  const std::vector<float> silence(1000);
  const Stems stems = test::separate({.model = write_toy(folder / "toy", {1, 1})}, silence, silence);
  EXPECT_EQ(stems.left[0], silence);
  EXPECT_EQ(stems.summary.stems[1].peak, 0);
}

TEST(SpectralMask, WienerFilterOfStemsInProportionKeepsThem) {
  const TemporaryFolder folder;
  std::vector<float> tone(4000);
  for (std::size_t i = 0; i < tone.size(); ++i) tone[i] = std::sin(0.3F * static_cast<float>(i));
  const Stems stems =
      test::separate({.model = write_toy(folder / "toy", {3, 1}), .wiener = 1}, tone, test::scrambled(4000));
  // Shares of powers and covariances: 9 : 1 of 0.75² : 0.25².
  for (std::size_t i = 2 * kFft; i < tone.size() - 2 * kFft; ++i) {
    ASSERT_NEAR(stems.left[0][i], 0.9 * tone[i], 0.02) << i;
  }
}

TEST(SpectralMask, GraphThatDoesNotFitIsRefused) {
  const TemporaryFolder folder;
  const std::string model = write_toy(folder / "toy", {1, 1}, kFrames + 1);
  test::expect_error(ErrorCode::model_mismatch, [&] { Separator({.model = model}); });
}

TEST(SpectralMask, HopsAtWhichStemsWouldNotAddUpAreRefused) {
  const TemporaryFolder folder;
  for (const std::size_t hop : {kFft / 2, std::size_t{15}}) {
    const std::string model = write_toy(folder / std::to_string(hop), {1, 1}, kFrames, hop);
    test::expect_error(ErrorCode::model_mismatch, [&] { Separator({.model = model}); });
  }
}

using Complex = std::complex<double>;

TEST(WienerFilter, GivesWhatNorbertGives) {
  // norbert 0.2.1: wiener(v, x, iterations=2, eps=numpy.finfo(numpy.float32).eps) of this spectrum, in double
  // precision, and of these estimates, whose first shares are v / (eps + v + v).
  constexpr double kEpsilon = std::numeric_limits<float>::epsilon();
  const std::vector<Complex> mix = {{1, 2}, {0.5, -1}, {3, 0}, {-2, 1}, {1, 1}, {0, 0.5}};
  std::vector<Complex> stems;
  const std::vector<double> estimates = {1, 2, 0.5, 0.25, 1, 3, 2, 1, 1, 1, 0.5, 0.5};
  for (std::size_t stem = 0; stem < 2; ++stem) {
    for (std::size_t i = 0; i < 6; ++i)
      stems.push_back(mix[i] * estimates[stem * 6 + i] / (kEpsilon + estimates[i] + estimates[6 + i]));
  }
  separate::refine_bin(mix, stems, 3, 2);
  const std::vector<Complex> expected = {
      {0.0707049319773, 0.0756670668429},  {0.530443914102, -1.07280676443},     {0.0446011760954, 0.0476981151889},
      {-0.0926018899277, 0.0484852781646}, {1.00053841312, 0.965553380005},      {-0.0551742446782, 0.0198204363941},
      {0.929294152439, 1.92436456395},     {-0.0297683179901, 0.0721110216901},  {2.95502385951, -0.0476951964755},
      {-1.90705182033, 0.951358307941},    {-0.00133390709809, 0.0333234012731}, {0.0551917569584, 0.480499788595}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(stems[i].real(), expected[i].real(), 1e-9) << i;
    EXPECT_NEAR(stems[i].imag(), expected[i].imag(), 1e-9) << i;
  }
}

}  // namespace
}  // namespace vivace
