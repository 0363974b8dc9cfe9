#include "tasks/embed/patch_cutter.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace vivace::embed {
namespace {

constexpr std::size_t kBands = 2;

model::Patching patching(const std::string& cut_by) {
  model::Patching patching;
  patching.frames = 5;
  patching.hop = 2;
  patching.cut_by = cut_by;
  return patching;
}

/// Frames whose values count up: frame f holds 2 f and 2 f + 1.
void append_frames(PatchCutter& cutter, std::size_t count) {
  const std::size_t begin = cutter.frames().size();
  cutter.frames().resize(begin + count * kBands);
  std::iota(cutter.frames().begin(), cutter.frames().end(), 0.0F);
}

TEST(PatchCutter, OverlappingPatchesAreCopiedForTheGraph) {
  PatchCutter cutter(patching("host"), kBands, 4);
  append_frames(cutter, 8);
  ASSERT_EQ(cutter.ready(), 2U);
  const auto batch = cutter.batch(2);
  ASSERT_EQ(batch.size(), 2 * 5 * kBands);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(batch[i], static_cast<float>(i));
    EXPECT_EQ(batch[10 + i], static_cast<float>(4 + i));
  }
}

TEST(PatchCutter, AGraphThatCutsGetsTheStretch) {
  PatchCutter cutter(patching("graph"), kBands, 4);
  append_frames(cutter, 8);
  EXPECT_EQ(cutter.batch(2).size(), 7 * kBands);
  EXPECT_EQ(cutter.batch(2).data(), cutter.frames().data());
}

TEST(PatchCutter, ConsumedPatchesLeaveWhatTheNextNeed) {
  PatchCutter cutter(patching("host"), kBands, 2);
  append_frames(cutter, 9);
  ASSERT_TRUE(cutter.full());
  cutter.consume(2);
  EXPECT_EQ(cutter.frames().size(), 5 * kBands);
  EXPECT_EQ(cutter.ready(), 1U);
  cutter.drop_last_frame();
  EXPECT_EQ(cutter.ready(), 0U);
}

struct Rows {
  std::size_t frames;
  std::size_t rows;
};
class EffNetRows : public ::testing::TestWithParam<Rows> {};
TEST_P(EffNetRows, AreOneForEveryWholePatch) {
  model::Patching effnet;
  effnet.frames = 128;
  effnet.hop = 62;
  PatchCutter cutter(effnet, kBands, 1000);
  append_frames(cutter, GetParam().frames);
  EXPECT_EQ(cutter.ready(), GetParam().rows);
}
INSTANTIATE_TEST_SUITE_P(Published, EffNetRows,
                         ::testing::Values(Rows{0, 0}, Rows{127, 0}, Rows{128, 1}, Rows{129, 1}, Rows{190, 2},
                                           Rows{377, 5}, Rows{9376, 150}));

}  // namespace
}  // namespace vivace::embed
