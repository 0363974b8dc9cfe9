#include "model/parity.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "model/graph_comparison.hpp"
#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"

namespace vivace::model {
namespace {

using test::expect_contains;
using test::expect_error;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Difference, IsThatOfTheDefinitions) {
  // [3, 4] and [4, 3]: the cosine of the angle between them is 24 / 25.
  const RowDifference row = difference(std::array{3.0F, 4.0F}, std::array{4.0F, 3.0F});
  EXPECT_DOUBLE_EQ(row.cosine, 0.96);
  EXPECT_DOUBLE_EQ(row.max_abs, 1);
  EXPECT_DOUBLE_EQ(row.mean_abs, 1);
}

TEST(Difference, OfZerosIsNoneAndOfZeroAndSomethingIsWhole) {
  EXPECT_EQ(difference(std::array{0.0F}, std::array{0.0F}).cosine, 1);
  EXPECT_EQ(difference(std::array{0.0F}, std::array{2.0F}).cosine, 0);
}

TEST(Difference, OfWhatIsNotFiniteInOneAloneIsInfinite) {
  EXPECT_TRUE(std::isinf(difference(std::array{kNan}, std::array{1.0F}).max_abs));
  EXPECT_EQ(difference(std::array{kNan}, std::array{kNan}).max_abs, 0);
}

TEST(ParityMeter, FindsTheWorstRowOverAllInputs) {
  ParityMeter meter("embeddings");
  meter.add("one", std::array{1.0F, 0.0F, 1.0F, 0.0F}, 2, std::array{1.0F, 0.0F, 1.0F, 0.5F}, 2);
  meter.add("two", std::array{1.0F, 0.0F, 2.0F, 0.0F}, 2, std::array{1.0F, 0.0F, 5.0F, 0.0F}, 2);
  const OutputParity parity = meter.result();
  EXPECT_EQ(parity.rows, 4U);
  EXPECT_EQ(parity.worst.origin, "two");
  EXPECT_EQ(parity.worst.row, 1U);
  EXPECT_DOUBLE_EQ(parity.max_abs, 3);
  EXPECT_DOUBLE_EQ(parity.mean_abs, (0.25 + 1.5) / 4);
  EXPECT_NEAR(parity.cosine_min, 1 / std::sqrt(1.25), 1e-12);
}

TEST(ParityMeter, RefusesRowsOfOtherSizes) {
  ParityMeter meter("embeddings");
  const std::string message = expect_error(ErrorCode::model_mismatch, [&] {
    meter.add("song", std::array{1.0F, 2.0F}, 2, std::array{1.0F, 2.0F, 3.0F}, 3);
  });
  expect_contains(message, "song: 'embeddings' is [1, 2] of the one and [1, 3] of the other");
}

class GraphComparison : public ::testing::Test {
 protected:
  std::string graph(const std::string& name, const std::string& output) {
    test::write_text(folder_ / name, test::tiny_graph({"x", {-1, 4}}, {{output, {-1, 2}}}));
    return folder_ / name;
  }
  test::TemporaryFolder folder_;
};

TEST_F(GraphComparison, OfAGraphWithItselfFindsNothing) {
  const std::string path = graph("a.onnx", "y");
  const auto outputs = compare_graphs({.graph = path}, {.graph = path}, {.samples = 3, .free_axis = 5}).outputs;
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_EQ(outputs[0].output, "y");
  EXPECT_EQ(outputs[0].rows, 15U);
  EXPECT_EQ(outputs[0].max_abs, 0);
}

TEST_F(GraphComparison, PairsOutputsInOrderWhereNoNameIsShared) {
  const auto outputs = compare_graphs({.graph = graph("a.onnx", "y")}, {.graph = graph("b.onnx", "z")}, {}).outputs;
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_EQ(outputs[0].output, "y / z");
}

}  // namespace
}  // namespace vivace::model
