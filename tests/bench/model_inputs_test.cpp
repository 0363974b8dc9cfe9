#include "bench/model_inputs.hpp"

#include <gtest/gtest.h>

#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

namespace vivace::bench {
namespace {

using test::expect_contains;
using test::expect_error;

const std::vector<TensorDescription> kTwo = {{"mel", "float32", {-1, -1, 96}}, {"length", "int64", {-1}}};

TEST(ModelInputs, FreeAxesBehindTheFirstNeedLengths) {
  const std::string message = expect_error(ErrorCode::invalid_argument, [] { settle_shapes(kTwo, {}); });
  expect_contains(message, "--shape mel=1x?x96");
}

TEST(ModelInputs, TheBatchIsTheFirstAxisOfAll) {
  InputOptions options;
  options.shapes["mel"] = {2, 128, 96};
  EXPECT_EQ(settle_shapes(kTwo, options)[0], (Shape{2, 128, 96}));
  EXPECT_EQ(settle_shapes(kTwo, options)[1], (Shape{1}));
  options.batch = 4;
  EXPECT_EQ(settle_shapes(kTwo, options)[0], (Shape{4, 128, 96}));
  EXPECT_EQ(settle_shapes(kTwo, options)[1], (Shape{4}));
}

TEST(ModelInputs, ShapesMustFit) {
  InputOptions options;
  options.shapes["mel"] = {1, 128, 64};
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { settle_shapes(kTwo, options); }), "[1, 128, 64]");
  options.shapes = {{"mal", {1}}};
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { settle_shapes(kTwo, options); }), "mel, length");
  options.shapes.clear();
  options.batch = 2;
  expect_error(ErrorCode::invalid_argument, [&] { settle_shapes({{"x", "float32", {1, 8}}}, options); });
}

TEST(ModelInputs, RandomValuesDependOnTheSeedAndLieInTheirRanges) {
  InputOptions options;
  options.shapes["mel"] = {3, 5, 96};
  const Requests requests = random_requests(kTwo, options);
  for (const float value : requests[0][0].tensor.values<float>()) {
    EXPECT_GE(value, -1);
    EXPECT_LE(value, 1);
  }
  for (const std::int64_t value : requests[0][1].tensor.values<std::int64_t>()) EXPECT_TRUE(value == 0 || value == 1);
  EXPECT_EQ(sha256_of(requests), sha256_of(random_requests(kTwo, options)));
  options.seed = 1;
  EXPECT_NE(sha256_of(requests), sha256_of(random_requests(kTwo, options)));
}

/// An NPY file of version 1 with this header and these bytes.
std::string npy(std::string header, const std::string& values) {
  header.resize(63, ' ');
  header += '\n';
  return std::string("\x93NUMPY\x01\x00\x40\x00", 10) + header + values;
}

std::string floats(std::initializer_list<float> values) {
  std::string bytes;
  for (const float value : values) bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  return bytes;
}

const std::string kMatrix = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }";

TEST(RecordedInputs, RowsGoInTurn) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "x.npy", npy(kMatrix, floats({1, 2, 3, 4, 5, 6})));
  const std::vector<TensorDescription> inputs = {{"x", "float32", {-1, 2}}};
  InputOptions options;
  for (const auto& path : {folder.path(), folder / "x.npy"}) {
    options.recorded = path;
    options.batch = 0;
    EXPECT_EQ(recorded_requests(inputs, options).size(), 3U);
    EXPECT_EQ(recorded_requests(inputs, options)[1][0].tensor.values<float>()[0], 3);
    options.batch = 2;
    EXPECT_EQ(recorded_requests(inputs, options).size(), 1U);
  }
  options.batch = 4;
  expect_error(ErrorCode::invalid_argument, [&] { recorded_requests(inputs, options); });
  options.batch = 1;
  expect_error(ErrorCode::invalid_argument, [&] { recorded_requests({{"y", "int64", {-1, 2}}}, options); });
}

/// Rows of two on the first axis, each one further than the one before.
InputOptions overlapping_rows() {
  InputOptions options;
  options.rows = {.first = 2, .step = 1};
  return options;
}

TEST(ModelInputs, TheFirstAxisIsAsLongAsRowsNeed) {
  const std::vector<TensorDescription> inputs = {{"x", "float32", {-1, 2}}};
  InputOptions options = overlapping_rows();
  EXPECT_EQ(settle_shapes(inputs, options)[0], (Shape{2, 2}));
  options.batch = 3;
  EXPECT_EQ(settle_shapes(inputs, options)[0], (Shape{4, 2}));
}

TEST(ModelInputs, LengthsThatAreNoWholeNumberOfRowsAreRefusedWithThoseThatAre) {
  const std::vector<TensorDescription> inputs = {{"x", "float32", {-1, 2}}};
  InputOptions options;
  options.rows = {.first = 187, .step = 93};
  for (const auto& [length, told] : {std::pair{561, "559 is 5, 652 is 6"}, {186, "; 187 is 1"}}) {
    options.shapes["x"] = {length, 2};
    expect_contains(expect_error(ErrorCode::invalid_argument, [&] { settle_shapes(inputs, options); }), told);
  }
  options.shapes["x"] = {559, 2};
  EXPECT_EQ(settle_shapes(inputs, options)[0], (Shape{559, 2}));
}

TEST(ModelInputs, OnlyFirstAxesThatNothingSaysAreUnsaid) {
  InputOptions options;
  options.shapes["mel"] = {2, 128, 96};
  EXPECT_EQ(unsaid_shapes(kTwo, options), std::vector<std::string>{"length=?"});
  EXPECT_EQ(unsaid_shapes(kTwo, {}), (std::vector<std::string>{"mel=?x?x96", "length=?"}));
  options.batch = 1;
  EXPECT_EQ(unsaid_shapes(kTwo, options), std::vector<std::string>{});
}

TEST(RecordedInputs, GoInRowsThatOverlap) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "x.npy", npy(kMatrix, floats({1, 2, 3, 4, 5, 6})));
  const std::vector<TensorDescription> inputs = {{"x", "float32", {-1, 2}}};
  InputOptions options = overlapping_rows();
  options.recorded = folder / "x.npy";
  const Requests requests = recorded_requests(inputs, options);
  ASSERT_EQ(requests.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const Tensor& tensor = requests[i][0].tensor;
    EXPECT_EQ(tensor.shape(), (Shape{2, 2}));
    EXPECT_EQ(tensor.values<float>()[0], 1.0F + 2.0F * static_cast<float>(i));
  }
  options.batch = 2;
  EXPECT_EQ(recorded_requests(inputs, options).size(), 1U);
  options.batch = 3;
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { recorded_requests(inputs, options); }), "[4, 2]");
}

TEST(RecordedInputs, WithOtherNamesAreToldApartFromFreeLengths) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "mal.npy", npy(kMatrix, floats({1, 2, 3, 4, 5, 6})));
  InputOptions options;
  options.recorded = folder.path();
  const std::string message = expect_error(ErrorCode::invalid_argument, [&] {
    recorded_requests({{"mel", "float32", {-1, -1}}}, options);
  });
  expect_contains(message, "has no array mel; it has mal, the model takes mel");
}

}  // namespace
}  // namespace vivace::bench
