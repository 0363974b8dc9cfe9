#include "tasks/analyze/spectra.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "support/signals.hpp"

namespace vivace::analyze {
namespace {

/// |X[bin]| of a frame by the definition, in double precision.
double magnitude_by_definition(const std::vector<float>& samples, std::size_t frame, std::size_t bin) {
  std::complex<double> sum = 0;
  for (std::size_t i = 0; i < kFrame; ++i) {
    const auto at = static_cast<std::ptrdiff_t>(frame * kHop + i) - static_cast<std::ptrdiff_t>(kFrame / 2);
    if (at < 0 || at >= static_cast<std::ptrdiff_t>(samples.size())) continue;
    const double angle = 2 * std::numbers::pi * static_cast<double>(i) / kFrame;
    const double window = 0.5 - 0.5 * std::cos(angle);
    sum += window * static_cast<double>(samples[static_cast<std::size_t>(at)]) *
           std::polar(1.0, -angle * static_cast<double>(bin));
  }
  return std::abs(sum);
}

TEST(SpectraMaker, HasTheFramesOfTheDefinition) {
  const std::vector<float> samples = test::two_tones(5000);
  SpectraMaker maker;
  Spectra first;
  Spectra rest;
  maker.push(samples, first);
  maker.finish(rest);
  ASSERT_EQ(first.frames + rest.frames, 1 + 5000 / kHop);
  EXPECT_NEAR(first.magnitude_of(0)[20], magnitude_by_definition(samples, 0, 20), 1e-3);
  EXPECT_NEAR(first.magnitude_of(3)[155], magnitude_by_definition(samples, 3, 155), 1e-3);
  EXPECT_NEAR(rest.magnitude_of(rest.frames - 1)[20], magnitude_by_definition(samples, 9, 20), 1e-3);
}

TEST(SpectraMaker, CountsFramesAsLibrosaDoes) {
  // librosa.stft(numpy.zeros(n)).shape[1], librosa 0.11.
  for (const auto& [samples, frames] : {std::pair{1, 1}, {511, 1}, {512, 2}, {513, 2}, {1024, 3}, {44100, 87}}) {
    SpectraMaker maker;
    Spectra spectra;
    maker.push(std::vector<float>(static_cast<std::size_t>(samples)), spectra);
    std::size_t count = spectra.frames;
    maker.finish(spectra);
    EXPECT_EQ(count + spectra.frames, static_cast<std::size_t>(frames)) << samples;
  }
}

}  // namespace
}  // namespace vivace::analyze
