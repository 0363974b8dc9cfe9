#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <numeric>
#include <thread>
#include <vector>

#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"
#include "vivace/engine.hpp"

namespace vivace {
namespace {

using namespace std::chrono_literals;
using test::expect_contains;
using test::expect_error;

constexpr int kFloat = 1;    // TensorProto.DataType
constexpr int kInteger = 7;  // the same, of 64 bits
constexpr int kHalf = 10;    // the same, of 16 bits

/// An engine for a graph "x" [rows, length, 2] -> "y", the same.
class BucketsTest : public ::testing::Test {
 protected:
  BucketsTest() { use(kFloat); }

  void use(int element_type) { test::write_text(path_, test::identity_graph(element_type, {-1, -1, 2})); }

  EngineOptions options() const {
    EngineOptions options;
    options.model = path_;
    options.max_batch = 3;
    options.max_delay = 60s;  // full runs do not wait
    options.buckets = {{.input = "x", .axis = 1, .lengths = {4, 8}, .value = -1, .cut = {{"y", 1}}}};
    return options;
  }

  template <typename T = float>
  static Tensor ramp(std::int64_t rows, std::int64_t length, T first) {
    std::vector<T> values(static_cast<std::size_t>(rows * length * 2));
    std::iota(values.begin(), values.end(), first);
    return Tensor::of<T>({rows, length, 2}, values);
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "net.onnx";
};

template <typename T = float>
void expect_equal(const Tensor& found, const Tensor& expected) {
  ASSERT_EQ(found.shape(), expected.shape());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found.values<T>()[i], expected.values<T>()[i]) << i;
}

TEST_F(BucketsTest, RequestsOfDifferentLengthsShareARunAndGetTheirOwnBack) {
  Engine engine(options());
  const std::vector<Tensor> tensors = {ramp(1, 3, 0.0F), ramp(1, 1, 100.0F), ramp(1, 4, 200.0F)};
  std::vector<Engine::Inputs> requests;
  for (const Tensor& tensor : tensors) requests.push_back({{"x", tensor}});
  auto futures = engine.predict_batch(std::move(requests));
  for (std::size_t i = 0; i < futures.size(); ++i) {
    const Prediction prediction = futures[i].get();
    EXPECT_EQ(prediction.metrics.batch, 3U);
    expect_equal(prediction.output("y"), tensors[i]);
  }
}

TEST_F(BucketsTest, WhatIsAddedHasTheGivenValue) {
  for (const int type : {kFloat, kInteger}) {
    use(type);
    EngineOptions uncut = options();
    uncut.max_batch = 1;
    uncut.buckets.front().cut.clear();
    Engine engine(uncut);
    if (type == kFloat) {
      const Tensor y = engine.predict({{"x", ramp(1, 3, 0.0F)}}).output("y");
      expect_equal(y, Tensor::of<float>({1, 4, 2}, std::vector<float>{0, 1, 2, 3, 4, 5, -1, -1}));
    } else {
      const Tensor y = engine.predict({{"x", ramp<std::int64_t>(1, 3, 0)}}).output("y");
      expect_equal<std::int64_t>(
          y, Tensor::of<std::int64_t>({1, 4, 2}, std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, -1, -1}));
    }
  }
}

TEST_F(BucketsTest, SixteenBitFloatsAreFilledUpToo) {
  use(kHalf);
  EngineOptions uncut = options();
  uncut.max_batch = 1;
  uncut.buckets.front().cut.clear();
  uncut.buckets.front().value = -std::numeric_limits<double>::infinity();
  Engine engine(uncut);
  const Tensor y = engine.predict({{"x", Tensor(ElementType::float16, {1, 3, 2})}}).output("y");
  ASSERT_EQ(y.shape(), (Shape{1, 4, 2}));
  EXPECT_EQ(to_float(y.values<Float16>()[5]), 0);
  EXPECT_EQ(to_float(y.values<Float16>()[6]), -std::numeric_limits<float>::infinity());
}

TEST_F(BucketsTest, LengthsBeyondTheLargestBucketStayAsTheyAre) {
  EngineOptions alone = options();
  alone.max_batch = 2;
  alone.max_delay = 0s;
  Engine engine(alone);
  for (const std::int64_t length : {5, 8, 9, 100}) {
    expect_equal(engine.predict({{"x", ramp(1, length, 1.0F)}}).output("y"), ramp(1, length, 1.0F));
  }
}

TEST_F(BucketsTest, AnswersAreWrittenOverOnlyWhereNobodyHasACopy) {
  EngineOptions alone = options();
  alone.max_delay = 0s;
  Engine engine(alone);
  Prediction prediction;
  engine.predict({{"x", ramp(1, 3, 1.0F)}}, prediction);
  const Tensor kept = prediction.output("y");
  const auto* memory = kept.values<float>().data();
  engine.predict({{"x", ramp(1, 3, 50.0F)}}, prediction);
  expect_equal(kept, ramp(1, 3, 1.0F));
  EXPECT_NE(prediction.output("y").values<float>().data(), memory);
  memory = prediction.output("y").values<float>().data();
  engine.predict({{"x", ramp(1, 3, 90.0F)}}, prediction);
  EXPECT_EQ(prediction.output("y").values<float>().data(), memory);
  expect_equal(prediction.output("y"), ramp(1, 3, 90.0F));
}

struct RefusedBucket {
  ShapeBucket bucket;
  std::string says;
};

TEST_F(BucketsTest, ThatDoNotFitTheModelAreRefused) {
  const std::vector<RefusedBucket> cases = {
      {{.input = "a", .lengths = {4}}, "there is no such input; the model takes x"},
      {{.input = "x", .axis = 0, .lengths = {4}}, "axis 0 is not one of [-1, -1, 2] but the first"},
      {{.input = "x", .axis = 3, .lengths = {4}}, "axis 3"},
      {{.input = "x", .axis = 2, .lengths = {4}}, "axis 2 of [-1, -1, 2] is not free"},
      {{.input = "x", .lengths = {}}, "must be at least 1, ascending"},
      {{.input = "x", .lengths = {8, 4}}, "lengths are [8, 4]"},
      {{.input = "x", .lengths = {0}}, "lengths are [0]"},
      {{.input = "x", .lengths = {4, std::int64_t{1} << 50}}, "bucket of 'x': length 1125899906842624"},
      {{.input = "x", .lengths = {4}, .value = 1e300}, "bucket of 'x': 1e+300 is not a value of float32"},
      {{.input = "x", .lengths = {4}, .cut = {{"w", 1}}}, "there is no output 'w' to cut; the model has y"},
      {{.input = "x", .lengths = {4}, .cut = {{"y", 0}}}, "axis 0 of output 'y'"},
  };
  for (const RefusedBucket& refused : cases) {
    EngineOptions wrong = options();
    wrong.buckets = {refused.bucket};
    expect_contains(expect_error(ErrorCode::invalid_argument, [&] { Engine{wrong}; }), refused.says);
  }
}

TEST_F(BucketsTest, APredictiveWindowDoesNotLetALoneCallerWait) {
  EngineOptions predictive = options();
  predictive.window = BatchWindow::predictive;
  Engine engine(predictive);
  for (int i = 0; i < 20; ++i) {
    engine.predict({{"x", ramp(1, 4, 1.0F)}});  // max_delay is a minute
    std::this_thread::sleep_for(2ms);
  }
  EXPECT_EQ(engine.metrics().batches.at(1), 20U);
}

TEST_F(BucketsTest, OnlyFiniteNumbersPassWhereThatIsAskedFor) {
  EngineOptions finite = options();
  finite.finite_only = true;
  finite.max_delay = 0s;
  Engine engine(finite);
  for (const float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const Tensor bad = Tensor::of<float>({1, 1, 2}, std::vector<float>{0, value});
    expect_contains(expect_error(ErrorCode::invalid_argument,
                                 [&] {
                                   engine.predict({{"x", bad}});
                                 }),
                    "input 'x': holds NaN or infinity");
    EXPECT_NO_THROW(Engine(options()).submit({{"x", bad}}));
  }
  expect_equal(engine.predict({{"x", ramp(1, 4, 1.0F)}}).output("y"), ramp(1, 4, 1.0F));
}

TEST(Engine, AnswersThatAreNotFiniteFailAloneWhereThatIsAskedFor) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "net.onnx", test::tiny_graph({"x", {-1, 2}}, {{"y", {-1, 1}}}));
  EngineOptions options;
  options.model = folder / "net.onnx";
  options.max_batch = 2;
  options.max_delay = 60s;
  options.finite_only = true;
  Engine engine(options);
  constexpr float kLargest = std::numeric_limits<float>::max();  // the mean of two overflows
  auto futures = engine.predict_batch({{{"x", Tensor::of<float>({1, 2}, std::vector<float>{kLargest, kLargest})}},
                                       {{"x", Tensor::of<float>({1, 2}, std::vector<float>{1, 3})}}});
  expect_contains(expect_error(ErrorCode::corrupt_data, [&] { futures[0].get(); }), "output 'y'");
  EXPECT_EQ(futures[1].get().output("y").values<float>()[0], 2);
  const EngineMetrics metrics = engine.metrics();
  EXPECT_EQ(metrics.requests, 2U);
  EXPECT_EQ(metrics.failures.at("corrupt_data"), 1U);
}

}  // namespace
}  // namespace vivace
