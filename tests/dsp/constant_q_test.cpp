#include "dsp/constant_q.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "support/errors.hpp"
#include "support/signals.hpp"

namespace vivace::dsp {
namespace {

std::vector<float> tone(double cycles_per_sample, std::size_t samples) {
  std::vector<float> signal(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    signal[i] = static_cast<float>(std::sin(2 * std::numbers::pi * cycles_per_sample * static_cast<double>(i) + 0.3));
  }
  return signal;
}

std::vector<float> halved(const std::vector<float>& signal, std::size_t block) {
  HalfBandDecimator decimator;
  std::vector<float> result;
  for (std::size_t begin = 0; begin < signal.size(); begin += block) {
    decimator.push(std::span(signal).subspan(begin, std::min(block, signal.size() - begin)), result);
  }
  decimator.finish(result);
  return result;
}

TEST(HalfBandDecimator, KeepsEverySecondSampleOfALowTone) {
  const std::vector<float> signal = tone(0.19, 4001);
  const std::vector<float> result = halved(signal, 4001);
  ASSERT_EQ(result.size(), 2001U);
  for (std::size_t i = 50; i + 50 < result.size(); ++i) EXPECT_NEAR(result[i], signal[2 * i], 1e-4) << i;
}

TEST(HalfBandDecimator, RemovesWhatWouldBeMirroredToBelow) {
  const std::vector<float> result = halved(tone(0.31, 4000), 4000);
  for (std::size_t i = 50; i + 50 < result.size(); ++i) EXPECT_LT(std::abs(result[i]), 5e-5) << i;
}

TEST(HalfBandDecimator, DoesNotDependOnBlocks) {
  const std::vector<float> signal = test::scrambled(1000);
  EXPECT_EQ(halved(signal, 1000), halved(signal, 7));
  EXPECT_EQ(halved(signal, 1000), halved(signal, 1));
  EXPECT_EQ(halved({0.5F}, 1).size(), 1U);
  EXPECT_EQ(halved({}, 1).size(), 0U);
}

ConstantQOptions options() {
  return {.sample_rate = 22050, .lowest_hz = 32.703195662574764, .octaves = 7, .bins_per_octave = 36, .hop = 256};
}

/// [frames, bins]
std::vector<std::vector<float>> transformed(const std::vector<float>& signal, std::size_t block,
                                            const ConstantQOptions& with = options()) {
  ConstantQ transform(with);
  std::vector<std::vector<float>> rows;
  const auto keep = [&](std::span<const Lanes> magnitudes, std::size_t frames) {
    for (std::size_t lane = 0; lane < frames; ++lane) {
      std::vector<float>& row = rows.emplace_back();
      for (const Lanes& magnitude : magnitudes) row.push_back(magnitude.values[lane]);
    }
  };
  for (std::size_t begin = 0; begin < signal.size(); begin += block) {
    transform.push(std::span(signal).subspan(begin, std::min(block, signal.size() - begin)), keep);
  }
  transform.finish(keep);
  return rows;
}

TEST(ConstantQ, HasTheMagnitudeOfATone) {
  // A tone of amplitude 1 at a bin: 1/2 times the root of the window's length, Q sample_rate / f.
  const double q = 1 / std::tanh(std::numbers::ln2 / 36);
  for (const std::size_t bin : {36U, 100U, 143U, 180U, 251U}) {
    const double hz = options().lowest_hz * std::exp2(static_cast<double>(bin) / 36);
    const auto rows = transformed(tone(hz / 22050, 66150), 66150);
    const std::vector<float>& middle = rows.at(rows.size() / 2);
    EXPECT_NEAR(middle[bin] / (0.5 * std::sqrt(q * 22050 / hz)), 1, 2e-3) << bin;
    EXPECT_EQ(std::ranges::max_element(middle) - middle.begin(), static_cast<std::ptrdiff_t>(bin));
    EXPECT_LT(middle[bin > 125 ? bin - 30 : bin + 30], 1e-3 * middle[bin]) << bin;
  }
}

struct Magnitude {
  std::size_t frame, bin;
  double all, sparse;
};

class ConstantQMagnitude : public testing::TestWithParam<Magnitude> {};

TEST_P(ConstantQMagnitude, IsLibrosas) {
  const auto& [frame, bin, all, sparse] = GetParam();
  const std::vector<float> signal = test::scrambled(30000);
  ConstantQOptions with = options();
  EXPECT_NEAR(transformed(signal, 30000, with).at(frame)[bin], all, 1e-4);
  with.sparsity = 0.01;
  EXPECT_NEAR(transformed(signal, 30000, with).at(frame)[bin], sparse, 1e-4);
}

// librosa 0.11: |cqt(scrambled, sr=22050, hop_length=256, n_bins=252, bins_per_octave=36)| with sparsity 0 and 0.01.
INSTANTIATE_TEST_SUITE_P(
    Librosa, ConstantQMagnitude,
    testing::Values(Magnitude{58, 180, 0.04915277, 0.04954312}, Magnitude{100, 180, 0.04372457, 0.04334541},
                    Magnitude{0, 216, 0.1540148, 0.1533872}, Magnitude{58, 216, 0.01197982, 0.01359594},
                    Magnitude{100, 216, 0.03697519, 0.03814265}, Magnitude{0, 230, 0.01436452, 0.01491502},
                    Magnitude{58, 251, 0.189059, 0.1890782}, Magnitude{100, 251, 0.1573103, 0.157924}));

TEST(ConstantQ, CountsFramesAsLibrosaDoes) {
  // librosa.cqt(zeros(n), sr=22050, hop_length=256).shape[1], librosa 0.11.
  for (const auto& [samples, frames] : {std::pair{1, 1}, {255, 1}, {256, 2}, {22050, 87}}) {
    EXPECT_EQ(transformed(std::vector<float>(static_cast<std::size_t>(samples)), 999).size(),
              static_cast<std::size_t>(frames))
        << samples;
  }
}

TEST(ConstantQ, DoesNotDependOnBlocks) {
  const std::vector<float> signal = test::scrambled(30000);
  EXPECT_EQ(transformed(signal, 30000), transformed(signal, 611));
  // A hop above the windows' length.
  ConstantQOptions wide = options();
  wide.sample_rate = 11025;
  wide.hop = 1024;
  EXPECT_EQ(transformed(signal, 30000, wide), transformed(signal, 100, wide));
  EXPECT_EQ(transformed(signal, 30000, wide).size(), 1U + 30000 / 1024);
  wide.oversampling = 2;
  wide.sparsity = 0.01;
  EXPECT_EQ(transformed(signal, 30000, wide), transformed(signal, 100, wide));
}

TEST(ConstantQ, NeedsAFittingRateAndHop) {
  ConstantQOptions low = options();
  low.sample_rate = 8000;
  test::expect_contains(test::expect_error(ErrorCode::invalid_argument, [&] { ConstantQ{low}; }), "2.5 times");
  ConstantQOptions odd = options();
  odd.hop = 96;
  test::expect_contains(test::expect_error(ErrorCode::invalid_argument, [&] { ConstantQ{odd}; }), "divisible");
}

}  // namespace
}  // namespace vivace::dsp
