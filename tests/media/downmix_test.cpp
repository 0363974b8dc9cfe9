#include "media/downmix.hpp"

#include <gtest/gtest.h>

namespace vivace::media {
namespace {

std::vector<float> downmix(std::size_t channels, std::vector<float> samples) {
  AudioBlock block{44100, channels, samples.size() / channels, 0, std::move(samples)};
  std::vector<float> mono{9, 9, 9, 9, 9};
  downmix_to_mono(block, mono);
  return mono;
}

TEST(Downmix, MonoStaysAsItIs) { EXPECT_EQ(downmix(1, {0.1F, -0.2F}), (std::vector<float>{0.1F, -0.2F})); }

TEST(Downmix, StereoIsHalfTheSum) {
  EXPECT_EQ(downmix(2, {0.1F, 1.0F, 0.3F, -1.0F}), (std::vector<float>{0.5F * (0.1F + 0.3F), 0.0F}));
}

TEST(Downmix, ManyChannelsCountAlike) {
  EXPECT_EQ(downmix(4, {1, 0, 1, 0, 1, 0, 0, 1}), (std::vector<float>{0.75F, 0.25F}));
  EXPECT_EQ(downmix(3, {3, 6, 9}), (std::vector<float>{6}));
}

TEST(Downmix, AnEmptyBlockGivesNothing) { EXPECT_TRUE(downmix(6, {}).empty()); }

}  // namespace
}  // namespace vivace::media
