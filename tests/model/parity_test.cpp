#include "model/parity.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "model/graph_comparison.hpp"
#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"

namespace vivace::model {
namespace {

using test::expect_contains;
using test::expect_error;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Difference, IsThatOfTheDefinitions) {
  // [3, 4] and [4, 3]: the cosine of the angle between them is 24 / 25.
  const RowDifference row = difference(std::array{3.0, 4.0}, std::array{4.0, 3.0});
  EXPECT_DOUBLE_EQ(row.cosine, 0.96);
  EXPECT_DOUBLE_EQ(row.max_abs, 1);
  EXPECT_DOUBLE_EQ(row.mean_abs, 1);
}

TEST(Difference, OfZerosIsNoneAndOfZeroAndSomethingIsWhole) {
  EXPECT_EQ(difference(std::array{0.0}, std::array{0.0}).cosine, 1);
  EXPECT_EQ(difference(std::array{0.0}, std::array{2.0}).cosine, 0);
}

TEST(Difference, OfWhatIsNotFiniteIsInfiniteAlsoWhereBothAre) {
  for (const auto& [a, b] : {std::pair(kNan, 1.0), std::pair(1.0, kNan), std::pair(kNan, kNan),
                             std::pair(kInfinity, kInfinity), std::pair(-kInfinity, 0.0)}) {
    const RowDifference row = difference(std::array{1.0, a}, std::array{1.0, b});
    EXPECT_FALSE(row.finite);
    EXPECT_EQ(row.cosine, 0);
    EXPECT_TRUE(std::isinf(row.max_abs));
  }
}

TEST(Difference, OfVerySmallNumbersIsThatOfTheDefinitions) {
  EXPECT_EQ(difference(std::array{1e-200, 0.0}, std::array{0.0, 1e-200}).cosine, 0);
  EXPECT_DOUBLE_EQ(difference(std::array{3e-200, 4e-200}, std::array{4e-200, 3e-200}).cosine, 0.96);
}

TEST(Difference, OfVeryLargeNumbersIsThatOfTheDefinitions) {
  const RowDifference row = difference(std::array{3e300, 4e300}, std::array{4e300, 3e300});
  EXPECT_TRUE(row.finite);
  EXPECT_DOUBLE_EQ(row.cosine, 0.96);
  EXPECT_DOUBLE_EQ(row.max_abs, 1e300);
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

TEST(ParityMeter, CountsRowsThatAreNotFiniteAndLeavesThemOutOfMeans) {
  ParityMeter meter("y");
  meter.add("one", std::array{1.0, 0.0}, 2, std::array{1.0, 0.5}, 2);
  meter.add("two", std::array{1.0, 0.0, kNan, 0.0, 1.0, 1.0}, 2, std::array{1.0, 0.0, kNan, 0.0, 1.0, kInfinity}, 2);
  const OutputParity parity = meter.result();
  EXPECT_EQ(parity.rows, 4U);
  EXPECT_EQ(parity.not_finite, 2U);
  EXPECT_EQ(parity.cosine_min, 0);
  EXPECT_NEAR(parity.cosine_mean, (1 / std::sqrt(1.25) + 1) / 2, 1e-12);
  EXPECT_DOUBLE_EQ(parity.mean_abs, 0.125);
  EXPECT_TRUE(std::isinf(parity.max_abs));
  EXPECT_EQ(parity.worst.origin, "two");
  EXPECT_EQ(parity.worst.row, 1U);
}

TEST(ParityMeter, OfRowsThatAreAllNotFiniteHasNoNan) {
  ParityMeter meter("y");
  meter.add("one", std::array{kNan, kNan}, 1, std::array{kNan, kNan}, 1);
  EXPECT_EQ(meter.result().not_finite, 2U);
  EXPECT_EQ(meter.result().cosine_mean, 0);
  EXPECT_TRUE(std::isinf(meter.result().mean_abs));
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

TEST_F(GraphComparison, TakesInputsAndOutputsOfEveryTypeOfNumbers) {
  constexpr int kUint8 = 2, kInt8 = 3, kUint16 = 4, kInt16 = 5, kInt32 = 6, kInt64 = 7, kBoolean = 9, kFloat16 = 10,
                kFloat64 = 11, kUint32 = 12, kUint64 = 13;  // TensorProto.DataType in onnx.proto
  for (const int type :
       {kUint8, kInt8, kUint16, kInt16, kInt32, kInt64, kBoolean, kFloat16, kFloat64, kUint32, kUint64}) {
    const std::string path = folder_ / "identity.onnx";
    test::write_text(path, test::identity_graph(type, {-1, 4}));
    const auto outputs = compare_graphs({.graph = path}, {.graph = path}, {.samples = 2, .free_axis = 3}).outputs;
    ASSERT_EQ(outputs.size(), 1U) << type;
    EXPECT_EQ(outputs[0].rows, 6U) << type;
    EXPECT_EQ(outputs[0].not_finite, 0U) << type;
    EXPECT_EQ(outputs[0].max_abs, 0) << type;
  }
}

TEST_F(GraphComparison, RefusesStrings) {
  constexpr int kString = 8;
  const std::string path = folder_ / "identity.onnx";
  test::write_text(path, test::identity_graph(kString, {-1, 4}));
  expect_contains(expect_error(ErrorCode::unsupported, [&] { compare_graphs({.graph = path}, {.graph = path}, {}); }),
                  "input 'x' is string; graphs with inputs of numbers can be compared");
}

TEST_F(GraphComparison, PairsOutputsInOrderWhereNoNameIsShared) {
  const auto outputs = compare_graphs({.graph = graph("a.onnx", "y")}, {.graph = graph("b.onnx", "z")}, {}).outputs;
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_EQ(outputs[0].output, "y / z");
}

}  // namespace
}  // namespace vivace::model
