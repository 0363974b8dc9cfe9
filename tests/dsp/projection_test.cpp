#include "dsp/projection.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "dsp/mel.hpp"
#include "support/signals.hpp"

namespace vivace::dsp {
namespace {

TEST(Projection, IsTheProductWithEachVector) {
  constexpr std::size_t kRows = 13;
  constexpr std::size_t kColumns = 37;
  std::vector<float> weights = test::scrambled(kRows * kColumns);
  for (std::size_t row = 0; row < 6; ++row) weights[(row + 1) * kColumns - 1] = 0;
  const std::vector<float> vectors = test::scrambled(kLanes * kColumns);
  std::vector<Lanes> src(kColumns);
  std::vector<Lanes> dst(kRows);
  interleave(vectors, src);
  const Projection projection(kColumns, weights);
  ASSERT_EQ(projection.rows(), kRows);
  projection.apply(src, dst);
  for (std::size_t row = 0; row < kRows; ++row) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      double expected = 0;
      for (std::size_t i = 0; i < kColumns; ++i) {
        expected += static_cast<double>(weights[row * kColumns + i]) * vectors[lane * kColumns + i];
      }
      EXPECT_NEAR(values_of(dst[row].values)[lane], expected, 1e-5);
    }
  }
}

TEST(MelBank, GivesTheSameOneByOneAndSideBySide) {
  const MelBank bank({.sample_rate = 44100, .fft_size = 2048, .bands = 128, .low_hz = 0, .high_hz = 22050});
  std::vector<float> spectra = test::scrambled(kLanes * bank.bins());
  for (float& value : spectra) value += 0.5F;
  std::vector<Lanes> src(bank.bins());
  std::vector<Lanes> dst(bank.bands());
  interleave(spectra, src);
  bank.apply(src, dst);
  std::vector<float> bands(bank.bands());
  bank.apply(std::span<const float>(spectra).subspan(3 * bank.bins(), bank.bins()), bands);
  for (std::size_t i = 0; i < bands.size(); ++i) EXPECT_NEAR(values_of(dst[i].values)[3], bands[i], 1e-6) << i;
}

}  // namespace
}  // namespace vivace::dsp
