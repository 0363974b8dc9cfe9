#include "tasks/embed/mel_frontend.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "tasks/embed/front_ends.hpp"

namespace vivace::embed {
namespace {

using test::musicnn_front_end;
using test::vggish_front_end;

/// The log-mel values of one frame: the front end not centred, so that the signal is the frame.
std::vector<float> one_frame(model::FrontEnd settings, const std::vector<float>& signal) {
  settings.centred = false;
  MelFrontEnd front_end(settings, 16000);
  std::vector<float> frame;
  front_end.push(signal, frame);
  front_end.finish(frame);
  return frame;
}

std::vector<float> sine(std::size_t size) {
  std::vector<float> signal(size);
  for (std::size_t i = 0; i < size; ++i) {
    signal[i] = static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * 1000 * static_cast<double>(i) / 16000));
  }
  return signal;
}

std::vector<float> impulse(std::size_t size) {
  std::vector<float> signal(size);
  signal[size / 2] = 1;
  return signal;
}

double sum(const std::vector<float>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

// Computed independently in double precision from the definition.
constexpr double kTolerance = 2e-4;

TEST(MusicnnFrame, OfASineIsAsPublished) {
  const auto frame = one_frame(musicnn_front_end(), sine(512));
  ASSERT_EQ(frame.size(), 96U);
  EXPECT_NEAR(frame[31], 6.057390, kTolerance);
  EXPECT_NEAR(frame[32], 5.666999, kTolerance);
  EXPECT_NEAR(frame[33], 4.542593, kTolerance);
  EXPECT_NEAR(frame[10], 0.000007, kTolerance);
  EXPECT_NEAR(sum(frame), 21.985137, 96 * kTolerance / 4);
}

TEST(MusicnnFrame, OfAnImpulseIsAsPublished) {
  const auto frame = one_frame(musicnn_front_end(), impulse(512));
  EXPECT_NEAR(frame[0], 2.506486, kTolerance);
  EXPECT_NEAR(frame[31], 2.500817, kTolerance);
  EXPECT_NEAR(frame[32], 2.499894, kTolerance);
  EXPECT_NEAR(frame[48], 2.520723, kTolerance);
  EXPECT_NEAR(frame[95], 2.506298, kTolerance);
  EXPECT_NEAR(sum(frame), 240.616550, 96 * kTolerance / 4);
}

TEST(MusicnnFrame, OfScrambledIntegersIsAsPublishedInEveryBand) {
  const std::vector<double> expected{
      1.1091, 1.1609, 0.7666, 0.6239, 0.5232, 0.4671, 0.4570, 0.4788, 0.5252, 0.6200, 0.8502, 1.2359, 1.6414, 2.1041,
      1.9551, 1.2203, 0.8071, 0.6051, 0.5127, 0.4749, 0.4528, 0.4832, 0.5401, 0.6221, 0.9015, 1.4012, 2.0535, 1.8732,
      1.5983, 1.1056, 0.7926, 0.5846, 0.5173, 0.4831, 0.4402, 0.5874, 0.4984, 1.2900, 3.2901, 4.1690, 3.8506, 2.1824,
      0.8858, 0.4767, 0.4831, 0.5032, 0.6785, 1.1885, 1.9777, 1.8734, 0.9088, 0.5271, 0.4698, 0.5737, 1.2501, 1.8456,
      1.4291, 0.6455, 0.4744, 0.5745, 2.7521, 3.3697, 2.0374, 0.4993, 0.5628, 1.5318, 1.9506, 0.8373, 0.4930, 1.2785,
      1.6632, 0.8316, 0.5451, 2.6638, 2.6457, 0.5449, 1.2666, 1.9392, 0.7079, 1.1654, 1.5298, 0.6144, 2.3210, 2.2544,
      0.7875, 1.9504, 0.9889, 1.4177, 1.1055, 2.0730, 1.9384, 1.7251, 1.7156, 1.3083, 1.1039, 2.0269};
  std::vector<float> signal(512);
  for (std::size_t i = 0; i < 512; ++i) signal[i] = 0.1F * (static_cast<float>((7919 * i) % 1000) / 500 - 1);
  const auto frame = one_frame(musicnn_front_end(), signal);
  for (std::size_t i = 0; i < 96; ++i) EXPECT_NEAR(frame[i], expected[i], kTolerance) << "band " << i;
  EXPECT_NEAR(sum(frame), 118.768019, 96 * kTolerance / 4);
}

TEST(VggishFrame, OfASineIsAsPublished) {
  const auto frame = one_frame(vggish_front_end(), sine(400));
  ASSERT_EQ(frame.size(), 64U);
  EXPECT_NEAR(frame[20], 4.081460, kTolerance);
  EXPECT_NEAR(frame[21], 1.575441, kTolerance);
  EXPECT_NEAR(frame[22], -1.247403, kTolerance);
  EXPECT_NEAR(frame[63], -4.603166, kTolerance);
  EXPECT_NEAR(sum(frame), -234.047599, 64 * kTolerance / 4);
}

TEST(VggishFrame, OfAnImpulseIsAsPublished) {
  const auto frame = one_frame(vggish_front_end(), impulse(400));
  EXPECT_NEAR(frame[0], -0.043246, kTolerance);
  EXPECT_NEAR(frame[20], 0.685251, kTolerance);
  EXPECT_NEAR(frame[40], 1.383874, kTolerance);
  EXPECT_NEAR(frame[63], 2.192105, kTolerance);
  EXPECT_NEAR(sum(frame), 69.255041, 64 * kTolerance / 4);
}

TEST(MelFrontEnd, SilenceIsZero) {
  for (const float band : one_frame(musicnn_front_end(), std::vector<float>(512))) EXPECT_EQ(band, 0.0F);
}

TEST(MelFrontEnd, MeanAndDivisorAreApplied) {
  model::FrontEnd maest = musicnn_front_end();
  maest.mean = 2.06755686098554;
  maest.divisor = 2 * 1.268292820667291;
  const auto plain = one_frame(musicnn_front_end(), impulse(512));
  const auto scaled = one_frame(maest, impulse(512));
  for (std::size_t i = 0; i < plain.size(); ++i) {
    EXPECT_NEAR(scaled[i], (plain[i] - 2.06755686098554) / 2.536585641334582, 1e-6) << i;
  }
}

TEST(MelFrontEnd, BlocksOfAnySizeGiveTheSameFrames) {
  std::vector<float> signal(20'011);
  for (std::size_t i = 0; i < signal.size(); ++i) signal[i] = static_cast<float>((7919 * i) % 1000) / 1000 - 0.5F;
  MelFrontEnd front_end(musicnn_front_end(), 16000);
  std::vector<float> whole;
  front_end.push(signal, whole);
  front_end.finish(whole);
  for (const std::size_t block : {1, 255, 4099}) {
    std::vector<float> pieces;
    for (std::size_t i = 0; i < signal.size(); i += block) {
      front_end.push(std::span(signal).subspan(i, std::min(block, signal.size() - i)), pieces);
    }
    front_end.finish(pieces);
    EXPECT_EQ(pieces, whole) << "blocks of " << block;
  }
}

}  // namespace
}  // namespace vivace::embed
