#include "dsp/true_peak.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "support/signals.hpp"

namespace vivace::dsp {
namespace {

double decibels(float peak) { return 20 * std::log10(peak); }

float peak_of(const std::vector<float>& samples, int sample_rate, std::size_t block = 16384) {
  TruePeak meter(sample_rate);
  for (std::size_t begin = 0; begin < samples.size(); begin += block) {
    meter.push(std::span(samples).subspan(begin, std::min(block, samples.size() - begin)));
  }
  return meter.finish();
}

struct Tone {
  int divisor;     // the frequency is the sample rate over this
  double degrees;  // phase
  double amplitude;
  double nominal;   // dB
  double expected;  // dB, of libebur128 1.2.6
};

/// One second, with linear fades of 0.1 s: the abrupt ends of a tone are peaks of their own.
std::vector<float> faded(const Tone& tone, int sample_rate) {
  const auto samples = static_cast<std::size_t>(sample_rate);
  const double fade = 0.1 * sample_rate;
  std::vector<float> signal(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    const auto t = static_cast<double>(i);
    const double phase = 2 * std::numbers::pi * (t / tone.divisor + tone.degrees / 360);
    const double weight = std::min({1.0, t / fade, (sample_rate - 1 - t) / fade});
    signal[i] = static_cast<float>(weight * tone.amplitude * std::sin(phase));
  }
  return signal;
}

class TruePeakOfTone : public testing::TestWithParam<Tone> {};

// EBU Tech 3341, cases 15 to 19, tolerance +0.2 and -0.4 dB.
TEST_P(TruePeakOfTone, KeepsTheLimitsOfTheStandard) {
  const Tone tone = GetParam();
  for (const int rate : {44100, 48000}) {
    const double measured = decibels(peak_of(faded(tone, rate), rate));
    EXPECT_LE(measured, tone.nominal + 0.2) << rate;
    EXPECT_GE(measured, tone.nominal - 0.4) << rate;
    EXPECT_NEAR(measured, tone.expected, 0.06) << rate;
  }
}

INSTANTIATE_TEST_SUITE_P(Published, TruePeakOfTone,
                         testing::Values(Tone{4, 0, 0.5, -6, -6.0206}, Tone{4, 45, 0.5, -6, -6.0538},
                                         Tone{6, 60, 0.5, -6, -6.0054}, Tone{8, 67.5, 0.5, -6, -6.0187},
                                         Tone{4, 45, 1.41, 3, 2.9512}));

TEST(TruePeak, IsTheSamplePeakFrom192KilohertzOn) {
  const Tone tone{4, 45, 0.5, -6, -6};
  EXPECT_NEAR(decibels(peak_of(faded(tone, 192'000), 192'000)), -9.0309, 1e-3);
  EXPECT_NEAR(decibels(peak_of(faded(tone, 96000), 96000)), -6.0206, 0.06);
}

TEST(TruePeak, DoesNotDependOnHowTheChannelIsCut) {
  const std::vector<float> noise = test::scrambled(5000);
  const float whole = peak_of(noise, 44100, noise.size());
  EXPECT_GT(whole, 0.5F);
  for (const std::size_t block : {1, 7, 64, 1021}) EXPECT_EQ(peak_of(noise, 44100, block), whole) << block;
}

TEST(TruePeak, SeesTheLastSamplesAndNeedsNone) {
  std::vector<float> late(1000);
  late.end()[-2] = late.end()[-1] = 0.5F;
  EXPECT_GT(peak_of(late, 44100), 0.6F);
  EXPECT_EQ(peak_of({0.5F}, 44100), 0.5F);
  EXPECT_EQ(peak_of({}, 44100), 0.0F);
}

}  // namespace
}  // namespace vivace::dsp
