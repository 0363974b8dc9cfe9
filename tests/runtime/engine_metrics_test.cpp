#include "runtime/engine_metrics.hpp"

#include <gtest/gtest.h>

namespace vivace::runtime {
namespace {

TEST(MetricsRecorder, HasFewSizesOfRunsWhateverCallersSend) {
  MetricsRecorder recorder;
  constexpr std::size_t kMost = 1 << 16;
  for (std::size_t rows = 1; rows <= kMost; ++rows) recorder.count_run(rows, 0);
  const auto batches = recorder.snapshot().batches;
  EXPECT_EQ(batches.size(), 64U + 10U) << "1 to 64, and 2^7 to 2^16";
  EXPECT_EQ(batches.at(3), 1U);
  EXPECT_EQ(batches.at(64), 1U);
  EXPECT_EQ(batches.at(128), 64U);
  EXPECT_EQ(batches.at(kMost), kMost / 2);
}

}  // namespace
}  // namespace vivace::runtime
