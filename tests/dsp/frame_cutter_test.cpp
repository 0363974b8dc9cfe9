#include "dsp/frame_cutter.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "support/errors.hpp"

namespace vivace::dsp {
namespace {

using Frames = std::vector<std::vector<float>>;

Frames cut(FrameCutter& cutter, const std::vector<float>& samples, std::size_t block) {
  Frames frames;
  const auto keep = [&](std::span<const float> frame) { frames.emplace_back(frame.begin(), frame.end()); };
  for (std::size_t start = 0; start < samples.size(); start += block) {
    cutter.push(std::span(samples).subspan(start, std::min(block, samples.size() - start)), keep);
  }
  cutter.finish(keep);
  return frames;
}

std::vector<float> ramp(std::size_t size) {
  std::vector<float> samples(size);
  std::iota(samples.begin(), samples.end(), 1.0F);
  return samples;
}

struct Count {
  std::size_t samples;
  std::size_t frames;
};
class CentredCount : public testing::TestWithParam<Count> {};

TEST_P(CentredCount, IsThatOfEssentia) {
  FrameCutter cutter(512, 256, true);
  EXPECT_EQ(cut(cutter, ramp(GetParam().samples), 4096).size(), GetParam().frames);
  EXPECT_EQ(cutter.frame_count(GetParam().samples), GetParam().frames);
}

// Counts that Essentia's front end gives.
INSTANTIATE_TEST_SUITE_P(Published, CentredCount,
                         testing::Values(Count{0, 0}, Count{1, 2}, Count{256, 2}, Count{257, 3}, Count{32256, 127},
                                         Count{32257, 128}, Count{32513, 129}, Count{96001, 377}));

TEST(FrameCutter, FirstFrameIsCentredOnTheFirstSample) {
  FrameCutter cutter(4, 2, true);
  const Frames expected{{0, 0, 1, 2}, {1, 2, 3, 4}, {3, 4, 5, 0}, {5, 0, 0, 0}};
  EXPECT_EQ(cut(cutter, ramp(5), 5), expected);
}

TEST(FrameCutter, NotCentredGivesWholeFramesOnly) {
  FrameCutter cutter(4, 2, false);
  const Frames expected{{1, 2, 3, 4}, {3, 4, 5, 6}};
  EXPECT_EQ(cut(cutter, ramp(7), 3), expected);
}

TEST(FrameCutter, BlockSizeChangesNothingAndAFinishedCutterIsAsNew) {
  FrameCutter cutter(400, 160, true);
  const Frames whole = cut(cutter, ramp(5003), 5003);
  for (const std::size_t block : {1, 7, 159, 160, 161, 1024}) EXPECT_EQ(cut(cutter, ramp(5003), block), whole) << block;
}

TEST(FrameCutter, HopsOutsideTheFrameAreRefused) {
  test::expect_error(ErrorCode::invalid_argument, [] { FrameCutter(4, 0, true); });
  test::expect_error(ErrorCode::invalid_argument, [] { FrameCutter(4, 5, true); });
}

}  // namespace
}  // namespace vivace::dsp
