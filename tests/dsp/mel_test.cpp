#include "dsp/mel.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support/errors.hpp"

namespace vivace::dsp {
namespace {

MelOptions slaney96() { return {.sample_rate = 16000, .fft_size = 512, .bands = 96, .low_hz = 0, .high_hz = 8000}; }

MelOptions htk64() {
  return {.sample_rate = 16000, .fft_size = 512, .bands = 64, .low_hz = 125, .high_hz = 7500, .scale = MelScale::htk};
}

struct Edge {
  std::size_t index;
  double hz;
};

void expect_edge(const MelOptions& options, const Edge& edge) {
  EXPECT_NEAR(mel_edges(options)[edge.index], edge.hz, 1e-3);
}

class SlaneyEdge : public testing::TestWithParam<Edge> {};
TEST_P(SlaneyEdge, LiesWhereTheDefinitionSays) { expect_edge(slaney96(), GetParam()); }

class HtkEdge : public testing::TestWithParam<Edge> {};
TEST_P(HtkEdge, LiesWhereTheDefinitionSays) { expect_edge(htk64(), GetParam()); }

// Computed independently in double precision from the definitions of the scales.
INSTANTIATE_TEST_SUITE_P(Published, SlaneyEdge,
                         testing::Values(Edge{0, 0.0}, Edge{1, 31.0967}, Edge{2, 62.1933}, Edge{30, 932.8998},
                                         Edge{31, 963.9965}, Edge{32, 995.0931}, Edge{33, 1027.3770},
                                         Edge{50, 1772.1373}, Edge{95, 7503.0006}, Edge{96, 7747.5160},
                                         Edge{97, 8000.0}));
INSTANTIATE_TEST_SUITE_P(Published, HtkEdge,
                         testing::Values(Edge{0, 125}, Edge{1, 154.6690}, Edge{2, 185.4049}, Edge{64, 7215.3451},
                                         Edge{65, 7500}));

struct Weight {
  std::size_t band;
  std::size_t bin;
  double value;
};
class SlaneyWeight : public testing::TestWithParam<Weight> {};
TEST_P(SlaneyWeight, IsTheTriangleOfUnitArea) {
  EXPECT_NEAR(MelBank(slaney96()).weight(GetParam().band, GetParam().bin), GetParam().value, 1e-7);
}
INSTANTIATE_TEST_SUITE_P(Published, SlaneyWeight,
                         testing::Values(Weight{0, 0, 0}, Weight{0, 1, 0.03199922}, Weight{0, 2, 0},
                                         Weight{1, 1, 0.00015857}, Weight{1, 2, 0.03184065}, Weight{48, 53, 0},
                                         Weight{48, 54, 0.00853795}, Weight{48, 55, 0.01734058},
                                         Weight{48, 56, 0.00719035}, Weight{48, 57, 0}, Weight{95, 240, 0}));

TEST(MelBank, HighestBandSumsAsPublished) {
  const MelBank bank(slaney96());
  double sum = 0;
  for (std::size_t bin = 241; bin <= 255; ++bin) sum += bank.weight(95, bin);
  EXPECT_NEAR(sum, 0.03198528, 1e-7);
}

/// 1025 bins: 0.0, 0.1, … 0.7 repeated, then 0.5: the input of Essentia's and librosa's comparison of filter banks.
std::vector<float> sawtooth_spectrum() {
  std::vector<float> spectrum(1025, 0.5F);
  for (std::size_t i = 0; i < 1024; ++i) spectrum[i] = 0.1F * static_cast<float>(i % 8);
  return spectrum;
}

std::vector<float> bands_of(const MelOptions& options) {
  const MelBank bank(options);
  std::vector<float> bands(bank.bands());
  bank.apply(sawtooth_spectrum(), bands);
  return bands;
}

TEST(MelBank, SlaneyUnitAreaEqualsLibrosa) {
  const std::vector<double> expected{0.04478409, 0.04490864, 0.04481423, 0.04484866, 0.04483231, 0.04480073,
                                     0.04483834, 0.04465683, 0.04474766, 0.04501282, 0.04470051, 0.04468963,
                                     0.04491881, 0.04477331, 0.04478563, 0.04486125, 0.04472868, 0.04482017,
                                     0.0448038,  0.04480253, 0.04481325, 0.04477503, 0.04481836, 0.04479247};
  const auto bands = bands_of({.sample_rate = 16000, .fft_size = 2048, .bands = 24, .low_hz = 0, .high_hz = 8000});
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(bands[i], expected[i], 1e-5) << i;
}

TEST(MelBank, HtkUnitPeakEqualsLibrosa) {
  const std::vector<double> expected{3.42785724,  3.95063344,  4.23818102,  4.79472915,  5.21478985,  5.77134851,
                                     6.42717578,  7.10003072,  7.84686725,  8.66048351,  9.63173673,  10.5930362,
                                     11.71974037, 13.00698499, 14.3715635,  15.87041045, 17.56843056, 19.43649752,
                                     21.49850978, 23.77058851, 26.29715546, 29.08617578, 32.16698756, 35.58753042};
  const auto bands = bands_of({.sample_rate = 16000,
                               .fft_size = 2048,
                               .bands = 24,
                               .low_hz = 0,
                               .high_hz = 8000,
                               .scale = MelScale::htk,
                               .normalisation = MelNormalisation::unit_peak});
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(bands[i], expected[i], 1e-5 * expected[i]) << i;
}

struct Range {
  std::size_t bands;
  double low_hz;
  double high_hz;
};
class ImpossibleBank : public testing::TestWithParam<Range> {};
TEST_P(ImpossibleBank, IsRefused) {
  MelOptions options = slaney96();
  options.bands = GetParam().bands;
  options.low_hz = GetParam().low_hz;
  options.high_hz = GetParam().high_hz;
  test::expect_error(ErrorCode::invalid_argument, [&] { MelBank{options}; });
}
INSTANTIATE_TEST_SUITE_P(Ranges, ImpossibleBank,
                         testing::Values(Range{0, 0, 8000}, Range{96, 0, 8001}, Range{96, 8000, 8000},
                                         Range{96, -1, 8000}));

}  // namespace
}  // namespace vivace::dsp
