#include "runtime/batch_runner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/errors.hpp"

namespace vivace::runtime {
namespace {

using test::expect_contains;
using test::expect_error;

/// A session whose runs give what a test says.
class ScriptedSession : public Session {
 public:
  using Inputs = std::span<const NamedTensor>;

  ScriptedSession(std::vector<TensorInfo> inputs, std::vector<TensorInfo> outputs)
      : inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

  const std::vector<TensorInfo>& inputs() const override { return inputs_; }
  const std::vector<TensorInfo>& outputs() const override { return outputs_; }
  const std::string& placement() const override { return placement_; }
  std::vector<ProviderNodes> nodes() const override { return {}; }

  void run(std::span<const InputTensor>, std::span<const OutputTensor> outputs) const override {
    ++bound_runs;
    if (bound_failure) throw Error(*bound_failure, "bound");
    for (const OutputTensor& output : outputs) std::ranges::fill(output.values, 1.0F);
  }
  std::vector<Tensor> run(Inputs inputs, std::span<const std::string>, const std::stop_token&) const override {
    ++unbound_runs;
    return answer(inputs);
  }

  std::optional<ErrorCode> bound_failure{};
  std::function<std::vector<Tensor>(Inputs)> answer{};
  mutable int bound_runs = 0;
  mutable int unbound_runs = 0;

 private:
  std::vector<TensorInfo> inputs_;
  std::vector<TensorInfo> outputs_;
  std::string placement_ = "a script";
};

/// A runner with the requests that it is given.
class Bench {
 public:
  Bench(const Session& session, const EngineOptions& options) : session_(session), contract_(session, options) {}

  /// The predictions of requests that share a run.
  std::vector<Prediction> run(const std::vector<Engine::Inputs>& all) {
    std::vector<Prediction> predictions(all.size());
    std::vector<RequestPointer> requests;
    for (std::size_t i = 0; i < all.size(); ++i) {
      requests.push_back(std::make_unique<Request>());
      contract_.admit(all[i], {}, *requests.back());
      requests.back()->prediction = &predictions[i];
    }
    runner_.join(requests, workspace_);
    runner_.infer(session_, requests, workspace_);
    runner_.split(requests, workspace_);
    return predictions;
  }

 private:
  const Session& session_;
  InputContract contract_;
  BatchRunner runner_{contract_};
  RunWorkspace workspace_;
};

Tensor zeros(ElementType type, Shape shape) { return {type, std::move(shape)}; }

EngineOptions bucket_of(const std::string& input) {
  EngineOptions options;
  options.buckets = {{.input = input, .axis = 1, .lengths = {4}, .value = 1}};
  return options;
}

TEST(BatchRunner, FillsUpWhereTheModelDemandsNoRows) {
  ScriptedSession session({{"x", "float32", {0, -1, 2}}}, {{"y", "float32", {0, -1, 2}}});
  session.answer = [](auto inputs) { return std::vector{inputs[0].tensor}; };
  const Prediction prediction =
      Bench(session, bucket_of("x")).run({{{"x", zeros(ElementType::float32, {0, 3, 2})}}})[0];
  EXPECT_EQ(prediction.output("y").shape(), (Shape{0, 4, 2}));
}

TEST(BatchRunner, GivesOutputsWithoutRows) {
  ScriptedSession session({{"x", "float32", {-1, -1}}}, {{"y", "float32", {-1, 2}}, {"z", "string", {-1}}});
  session.answer = [](auto) {
    return std::vector{zeros(ElementType::float32, {0, 2}), zeros(ElementType::string, {0})};
  };
  const Prediction prediction = Bench(session, bucket_of("x")).run({{{"x", zeros(ElementType::float32, {1, 3})}}})[0];
  EXPECT_EQ(prediction.output("y").shape(), (Shape{0, 2}));
  EXPECT_EQ(prediction.output("z").shape(), Shape{0});
}

TEST(BatchRunner, PassesScalarsBesideInputsThatAreFilledUp) {
  ScriptedSession session({{"x", "float32", {-1, -1}}, {"scale", "float32", {}}}, {{"y", "string", {}}});
  session.answer = [](auto inputs) {
    EXPECT_EQ(inputs[0].tensor.shape(), (Shape{1, 4}));
    EXPECT_EQ(inputs[0].tensor.template values<float>()[3], 1);
    Tensor name(ElementType::string, {});
    name.mutable_values<std::string>()[0] = std::to_string(inputs[1].tensor.template values<float>()[0]);
    return std::vector{name};
  };
  const std::vector<float> scale{2};
  const Prediction prediction =
      Bench(session, bucket_of("x"))
          .run({{{"x", zeros(ElementType::float32, {1, 3})}, {"scale", Tensor::of<float>({}, scale)}}})[0];
  EXPECT_EQ(prediction.output("y").values<std::string>()[0], "2.000000");
}

/// A model of floats with shapes that are known beforehand, so that runs get memory for their outputs.
class BoundRuns : public ::testing::Test {
 protected:
  BoundRuns() {
    options_.max_batch = 2;
    session_.answer = [](auto) { return std::vector{zeros(ElementType::float32, {2, 3})}; };
  }

  static std::vector<Engine::Inputs> two_rows() {
    return {{{"x", zeros(ElementType::float32, {1, 2})}}, {{"x", zeros(ElementType::float32, {1, 2})}}};
  }

  ScriptedSession session_{{{"x", "float32", {-1, 2}, "rows"}}, {{"y", "float32", {-1, 3}, "rows"}}};
  EngineOptions options_;
};

TEST_F(BoundRuns, GetNoMemoryBeforeOneShowedThatRowsStayTheSameWhereTheGraphDoesNotSaySo) {
  ScriptedSession unsaid({{"x", "float32", {-1, 2}, "frames"}}, {{"y", "float32", {-1, 3}, "patches"}});
  unsaid.answer = session_.answer;
  Bench bench(unsaid, options_);
  for (int i = 0; i < 3; ++i) bench.run(two_rows());
  EXPECT_EQ(unsaid.unbound_runs, 1);
  EXPECT_EQ(unsaid.bound_runs, 2);
}

TEST_F(BoundRuns, GetNoMemoryWhereRowsDoNotStayTheSame) {
  ScriptedSession cutting({{"x", "float32", {-1, 2}, "frames"}}, {{"y", "float32", {-1, 3}, "patches"}});
  cutting.answer = [](auto) { return std::vector{zeros(ElementType::float32, {1, 3})}; };
  Bench bench(cutting, options_);
  for (int i = 0; i < 3; ++i) expect_error(ErrorCode::model_mismatch, [&] { bench.run(two_rows()); });
  EXPECT_EQ(cutting.bound_runs, 0);
}

TEST_F(BoundRuns, ThatFailAreNotRepeated) {
  Bench bench(session_, options_);
  for (const ErrorCode code : {ErrorCode::internal, ErrorCode::resource_exhausted, ErrorCode::unavailable}) {
    session_.bound_failure = code;
    expect_error(code, [&] { bench.run(two_rows()); });
  }
  EXPECT_EQ(session_.unbound_runs, 0);
  session_.bound_failure.reset();
  EXPECT_EQ(bench.run(two_rows())[1].output("y").values<float>()[0], 1);
  EXPECT_EQ(session_.bound_runs, 4) << "a failure says nothing of the shapes";
}

TEST_F(BoundRuns, WhoseShapesAreOthersAreLeftToTheBackendFromThenOn) {
  Bench bench(session_, options_);
  session_.bound_failure = ErrorCode::model_mismatch;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bench.run(two_rows())[1].output("y").values<float>()[0], 0);
  EXPECT_EQ(session_.bound_runs, 1);
  EXPECT_EQ(session_.unbound_runs, 3);
}

}  // namespace
}  // namespace vivace::runtime
