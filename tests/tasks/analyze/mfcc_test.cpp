#include "tasks/analyze/mfcc.hpp"

#include <gtest/gtest.h>

#include "tasks/analyze/listening.hpp"

namespace vivace::analyze {
namespace {

void expect_near(const Findings& found, const std::string& name, const std::vector<float>& expected, float distance) {
  const auto& values = test::vector_of(mfcc_feature(), found, name);
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(values[i], expected[i], distance) << name << " " << i;
}

TEST(Mfcc, IsLibrosas) {
  // librosa 0.11: feature.mfcc(S=power_to_db(feature.melspectrogram(S=abs(stft(signal))**2, sr=44100)), n_mfcc=13).
  const Findings found = test::listen(mfcc_feature(), {test::noisy_tones()}, 44100);
  expect_near(found, "mfcc.mean",
              {-285.6698148F, 1.1363221F, 17.4232604F, 21.950326F, 24.641893F, -17.7187221F, -23.081656F, -2.299523F,
               -13.5930532F, -54.071661F, -47.1159505F, -20.6617477F, -25.736279F},
              2e-3F);
  expect_near(found, "mfcc.std",
              {19.7889304F, 15.3102961F, 1.6447756F, 4.8584721F, 2.9943109F, 1.5620524F, 1.7037592F, 0.8327153F,
               2.1585922F, 3.4460013F, 4.2292409F, 4.0947883F, 2.7686614F},
              2e-3F);
  expect_near(found, "mfcc.median",
              {-288.9538269F, -1.3003034F, 17.3010473F, 21.1836815F, 24.1605082F, -17.4479837F, -22.7701683F,
               -2.3967658F, -13.9086552F, -54.5325146F, -47.7492161F, -21.2808895F, -26.1518116F},
              1e-2F);
}

TEST(Mfcc, LimitsTheFirstFramesByTheMaximumOfTheLast) {
  // A loud end lifts the floor of a quiet start: librosa.power_to_db's top_db, of the whole track.
  std::vector<float> quiet = test::noisy_tones();
  for (float& sample : quiet) sample *= 1e-4F;
  std::vector<float> quiet_then_loud = quiet;
  const std::vector<float> loud = test::noisy_tones();
  quiet_then_loud.insert(quiet_then_loud.end(), loud.begin(), loud.end());
  FeatureOptions options;
  options.curves = true;
  const Curve alone = test::listen(mfcc_feature(), {quiet}, 44100, 16384, options).curves.at(0);
  const Curve before = test::listen(mfcc_feature(), {quiet_then_loud}, 44100, 16384, options).curves.at(0);
  EXPECT_GT(before.values[20 * 13], alone.values[20 * 13] + 100);
}

}  // namespace
}  // namespace vivace::analyze
