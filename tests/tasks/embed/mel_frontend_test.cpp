#include "tasks/embed/mel_frontend.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "model/essentia_recipe.hpp"
#include "support/signals.hpp"

namespace vivace::embed {
namespace {

constexpr const char* kMusicnn = "TensorflowPredictMusiCNN";
constexpr const char* kMaest = "TensorflowPredictMAEST";
constexpr const char* kVggish = "TensorflowPredictVGGish";

model::FrontEnd front_end_of(const char* algorithm) { return model::essentia_recipe(algorithm).front_end; }

/// The features of one frame: the front end not centred, so that the signal is the frame.
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

constexpr double kTolerance = 2e-4;

struct Published {
  const char* algorithm;
  std::vector<float> (*signal)(std::size_t);
  std::size_t bands;
  std::vector<std::pair<std::size_t, double>> values;  ///< by band
  double sum;
};

std::ostream& operator<<(std::ostream& out, const Published& published) { return out << published.algorithm; }

class PublishedFrame : public ::testing::TestWithParam<Published> {};

TEST_P(PublishedFrame, IsMet) {
  const model::FrontEnd settings = front_end_of(GetParam().algorithm);
  const auto frame = one_frame(settings, GetParam().signal(settings.frame));
  ASSERT_EQ(frame.size(), GetParam().bands);
  for (const auto& [band, value] : GetParam().values) EXPECT_NEAR(frame[band], value, kTolerance) << "band " << band;
  const double tolerance_of_sum = static_cast<double>(frame.size()) * kTolerance / 4;
  EXPECT_NEAR(std::accumulate(frame.begin(), frame.end(), 0.0), GetParam().sum, tolerance_of_sum);
}

// Computed independently in double precision from the definitions; MAEST's are (x - 2.06755686098554)
// / 2.536585641334582 of MusiCNN's.
INSTANTIATE_TEST_SUITE_P(
    Sine, PublishedFrame,
    ::testing::Values(
        Published{kMusicnn, sine, 96, {{10, 0.000007}, {31, 6.057390}, {32, 5.666999}, {33, 4.542593}}, 21.985137},
        Published{kMaest, sine, 96, {{10, -0.815092}, {31, 1.572915}, {32, 1.419011}, {33, 0.975735}}, -69.581850},
        Published{kVggish, sine, 64, {{20, 4.081460}, {21, 1.575441}, {22, -1.247403}, {63, -4.603166}}, -234.047599}));
INSTANTIATE_TEST_SUITE_P(
    Impulse, PublishedFrame,
    ::testing::Values(
        Published{kMusicnn,
                  impulse,
                  96,
                  {{0, 2.506486}, {31, 2.500817}, {32, 2.499894}, {48, 2.520723}, {95, 2.506298}},
                  240.616550},
        Published{kVggish, impulse, 64, {{0, -0.043246}, {20, 0.685251}, {40, 1.383874}, {63, 2.192105}}, 69.255041}));

TEST(MusicnnFrame, OfScrambledIntegersIsAsPublishedInEveryBand) {
  const std::vector<double> expected{
      1.1091, 1.1609, 0.7666, 0.6239, 0.5232, 0.4671, 0.4570, 0.4788, 0.5252, 0.6200, 0.8502, 1.2359, 1.6414, 2.1041,
      1.9551, 1.2203, 0.8071, 0.6051, 0.5127, 0.4749, 0.4528, 0.4832, 0.5401, 0.6221, 0.9015, 1.4012, 2.0535, 1.8732,
      1.5983, 1.1056, 0.7926, 0.5846, 0.5173, 0.4831, 0.4402, 0.5874, 0.4984, 1.2900, 3.2901, 4.1690, 3.8506, 2.1824,
      0.8858, 0.4767, 0.4831, 0.5032, 0.6785, 1.1885, 1.9777, 1.8734, 0.9088, 0.5271, 0.4698, 0.5737, 1.2501, 1.8456,
      1.4291, 0.6455, 0.4744, 0.5745, 2.7521, 3.3697, 2.0374, 0.4993, 0.5628, 1.5318, 1.9506, 0.8373, 0.4930, 1.2785,
      1.6632, 0.8316, 0.5451, 2.6638, 2.6457, 0.5449, 1.2666, 1.9392, 0.7079, 1.1654, 1.5298, 0.6144, 2.3210, 2.2544,
      0.7875, 1.9504, 0.9889, 1.4177, 1.1055, 2.0730, 1.9384, 1.7251, 1.7156, 1.3083, 1.1039, 2.0269};
  std::vector<float> signal = test::scrambled(512);
  for (float& sample : signal) sample *= 0.2F;
  const auto frame = one_frame(front_end_of(kMusicnn), signal);
  for (std::size_t i = 0; i < 96; ++i) EXPECT_NEAR(frame[i], expected[i], kTolerance) << "band " << i;
}

TEST(MelFrontEnd, SilenceIsZero) {
  for (const float band : one_frame(front_end_of(kMusicnn), std::vector<float>(512))) EXPECT_EQ(band, 0.0F);
}

TEST(MelFrontEnd, BlocksOfAnySizeGiveTheSameFrames) {
  const std::vector<float> signal = test::scrambled(20'011);
  MelFrontEnd front_end(front_end_of(kMusicnn), 16000);
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
