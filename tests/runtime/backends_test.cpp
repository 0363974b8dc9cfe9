#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>
#include <thread>

#include "runtime/placement.hpp"
#include "runtime/quantized_graph.hpp"
#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/log_watch.hpp"
#include "support/sanitizers.hpp"
#include "support/source_tree.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"
#include "vivace/engine.hpp"

namespace vivace::runtime {
namespace {

using test::expect_contains;
using test::expect_error;

std::optional<std::string> why_not(const std::string& candidate, const std::string& precision = "auto") {
  for (const auto& known : candidates()) {
    if (full_name(*known) == candidate) return known->decline(precision);
  }
  return "unknown candidate";
}

/// Fails the test where a backend is not there: set-up for tests gets all of them.
void require(const std::string& candidate) {
  const auto reason = why_not(candidate);
  ASSERT_FALSE(reason.has_value()) << *reason << "; run scripts/setup --tests and build again";
}

/// A graph of an installed model on a backend.
SessionOptions on(const std::string& backend, const std::string& model) {
  SessionOptions options{.graph = test::installed_model(model) / "model.onnx"};
  if (backend == "tensorflow") options.graph = test::installed_model(model) / "model.pb";
  options.placement.backend = backend;
  return options;
}

/// Smooth over its axes, like a spectrogram, with a little noise.
Tensor seeded_tensor(Shape shape, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> noise(0.0F, 0.2F);
  Tensor tensor(ElementType::float32, std::move(shape));
  const auto values = tensor.mutable_values<float>();
  const auto bands = static_cast<std::size_t>(tensor.shape().back());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto frame = static_cast<float>(i / bands);
    const auto band = static_cast<float>(i % bands);
    values[i] = std::max(0.0F, 2.5F - 0.02F * band + std::sin(0.1F * frame + 0.3F * band) + noise(generator));
  }
  return tensor;
}

/// `tolerance` is relative to the largest value where that is above 1.
void expect_close(const Tensor& expected, const Tensor& actual, float tolerance) {
  ASSERT_EQ(expected.shape(), actual.shape());
  const auto a = expected.values<float>();
  const auto b = actual.values<float>();
  float largest = 0;
  float scale = 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(a[i] - b[i]));
    scale = std::max(scale, std::abs(a[i]));
  }
  EXPECT_LE(largest, tolerance * scale);
}

struct Parity {
  const char* backend;
  const char* model;
  Shape input;
};

/// A backend against ONNX Runtime on one model.
class BackendParity : public ::testing::TestWithParam<Parity> {
 protected:
  void SetUp() override {
    if (test::kSanitized) GTEST_SKIP() << "sanitizer builds leave the backends out";
    require(std::string(GetParam().backend) + "/cpu");
  }
};

TEST_P(BackendParity, OutputsAreThoseOfOnnxRuntime) {
  const auto expected = open_session(on("onnxruntime", GetParam().model));
  const auto session = open_session(on(GetParam().backend, GetParam().model));
  EXPECT_EQ(session->placement(), std::string(GetParam().backend) + "/cpu");
  const std::vector<NamedTensor> inputs{{"melspectrogram", seeded_tensor(GetParam().input, 7)}};
  const std::vector<std::string> outputs{"embeddings", "activations"};
  const auto a = expected->run(inputs, outputs, {});
  const auto b = session->run(inputs, outputs, {});
  ASSERT_EQ(b.size(), 2U);
  expect_close(a[0], b[0], 1e-3F);
  expect_close(a[1], b[1], 1e-3F);
}

TEST_P(BackendParity, ManyThreadsGetWhatOneGets) {
  const auto session = open_session(on(GetParam().backend, GetParam().model));
  const std::vector<std::string> outputs{"activations", "embeddings"};
  constexpr unsigned kThreads = 4;
  std::vector<std::vector<Tensor>> together(kThreads);
  const auto run = [&](unsigned seed) {
    return session->run(std::vector<NamedTensor>{{"melspectrogram", seeded_tensor(GetParam().input, seed)}}, outputs,
                        {});
  };
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < kThreads; ++i) threads.emplace_back([&, i] { together[i] = run(i); });
  }
  for (unsigned i = 0; i < kThreads; ++i) {
    const auto alone = run(i);
    expect_close(alone[0], together[i][0], 1e-6F);
    expect_close(alone[1], together[i][1], 1e-4F);
  }
}

TEST_P(BackendParity, BothFormsOfARunAgree) {
  const auto session = open_session(on(GetParam().backend, GetParam().model));
  const Tensor input = seeded_tensor(GetParam().input, 3);
  const auto expected =
      session->run(std::vector<NamedTensor>{{"melspectrogram", input}}, std::vector<std::string>{"activations"}, {});
  Tensor result(ElementType::float32, expected[0].shape());
  const InputTensor given{"melspectrogram", input.values<float>(), input.shape()};
  const OutputTensor wanted{"activations", result.mutable_values<float>(), result.shape()};
  session->run({&given, 1}, {&wanted, 1});
  expect_close(expected[0], result, 1e-6F);
}

TEST_P(BackendParity, NamesItsNodes) {
  const auto parts = open_session(on(GetParam().backend, GetParam().model))->nodes();
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].count, parts[0].nodes.size());
  EXPECT_GT(parts[0].count, 10U);
}

TEST_P(BackendParity, TensorsThatDoNotFitAreAMismatch) {
  const auto session = open_session(on(GetParam().backend, GetParam().model));
  const auto run = [&](const std::string& input, const Tensor& tensor, const std::string& output) {
    return expect_error(ErrorCode::model_mismatch, [&] {
      session->run(std::vector<NamedTensor>{{input, tensor}}, std::vector<std::string>{output}, {});
    });
  };
  const Tensor fitting = seeded_tensor(GetParam().input, 1);
  Shape narrow = GetParam().input;
  narrow.back() = 95;
  expect_contains(run("spectrum", fitting, "embeddings"), "'spectrum'");
  expect_contains(run("melspectrogram", fitting, "embedding"), "'embedding'");
  expect_contains(run("melspectrogram", seeded_tensor(narrow, 1), "embeddings"), "melspectrogram");
  expect_contains(run("melspectrogram", Tensor(ElementType::int32, GetParam().input), "embeddings"), "int32");
}

TEST_P(BackendParity, AStopBeforeTheRunIsACancellation) {
  const auto session = open_session(on(GetParam().backend, GetParam().model));
  std::stop_source stop;
  stop.request_stop();
  expect_error(ErrorCode::cancelled, [&] {
    session->run(std::vector<NamedTensor>{{"melspectrogram", seeded_tensor(GetParam().input, 1)}},
                 std::vector<std::string>{"embeddings"}, stop.get_token());
  });
}

INSTANTIATE_TEST_SUITE_P(Models, BackendParity,
                         ::testing::Values(Parity{"openvino", "msd-musicnn", {466, 96}},
                                           Parity{"openvino", "discogs-effnet-seeded", {3, 128, 96}},
                                           Parity{"tensorflow", "msd-musicnn", {466, 96}},
                                           Parity{"tensorflow", "discogs-effnet-seeded", {3, 128, 96}}),
                         [](const auto& tested) {
                           std::string name = std::string(tested.param.backend) + "_" + tested.param.model;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

/// A type, by its number in TensorProto.DataType of onnx.proto, and the bytes of its 1.
struct Typed {
  int onnx_type;
  ElementType type;
  std::vector<unsigned char> one;
};

class OpenVinoTypes : public ::testing::TestWithParam<Typed> {};

TEST_P(OpenVinoTypes, PassUnchanged) {
  if (test::kSanitized) GTEST_SKIP() << "sanitizer builds leave the backends out";
  ASSERT_NO_FATAL_FAILURE(require("openvino/cpu"));
  const test::TemporaryFolder folder;
  test::write_text(folder / "identity.onnx", test::identity_graph(GetParam().onnx_type, {-1, 2}));
  SessionOptions options{.graph = folder / "identity.onnx"};
  options.placement.backend = "openvino";
  const auto session = open_session(options);
  EXPECT_EQ(session->inputs()[0].element_type, element_type_name(GetParam().type));
  Tensor input(GetParam().type, {2, 2});
  std::ranges::copy(std::as_bytes(std::span(GetParam().one)), input.mutable_bytes().begin());
  const auto outputs = session->run(std::vector<NamedTensor>{{"x", input}}, std::vector<std::string>{"y"}, {});
  ASSERT_EQ(outputs[0].shape(), input.shape());
  EXPECT_TRUE(std::ranges::equal(outputs[0].bytes(), input.bytes()));
}

INSTANTIATE_TEST_SUITE_P(All, OpenVinoTypes,
                         ::testing::Values(Typed{1, ElementType::float32, {0, 0, 0x80, 0x3f}},
                                           Typed{2, ElementType::uint8, {1}}, Typed{3, ElementType::int8, {1}},
                                           Typed{4, ElementType::uint16, {1}}, Typed{5, ElementType::int16, {1}},
                                           Typed{6, ElementType::int32, {1}}, Typed{7, ElementType::int64, {1}},
                                           Typed{9, ElementType::boolean, {1}},
                                           Typed{10, ElementType::float16, {0, 0x3c}},
                                           Typed{11, ElementType::float64, {0, 0, 0, 0, 0, 0, 0xf0, 0x3f}},
                                           Typed{12, ElementType::uint32, {1}}, Typed{13, ElementType::uint64, {1}},
                                           Typed{16, ElementType::bfloat16, {0x80, 0x3f}}),
                         [](const auto& tested) { return std::string(element_type_name(tested.param.type)); });

TEST(OpenVino, EndsARunSoonAfterItIsStopped) {
  if (test::kSanitized) GTEST_SKIP() << "sanitizer builds leave the backends out";
  ASSERT_NO_FATAL_FAILURE(require("openvino/cpu"));
  const auto session = open_session(on("openvino", "discogs-effnet-seeded"));
  const std::vector<NamedTensor> inputs{{"melspectrogram", seeded_tensor({256, 128, 96}, 1)}};
  const std::vector<std::string> outputs{"embeddings"};
  std::stop_source stop;
  std::jthread stopper([&stop] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stop.request_stop();
  });
  expect_error(ErrorCode::cancelled, [&] { session->run(inputs, outputs, stop.get_token()); });
  const std::vector<NamedTensor> one{{"melspectrogram", seeded_tensor({1, 128, 96}, 1)}};
  EXPECT_EQ(session->run(one, outputs, {}).at(0).shape().front(), 1);
}

TEST(QuantizedGraph, IsFoundByItsOperators) {
  const test::TemporaryFolder folder;
  const auto write = [&](const std::string& op) {
    test::write_text(folder / "graph.onnx", std::string(3U << 20U, 'x') + test::identity_graph(1, {2}, op));
    return folder / "graph.onnx";
  };
  for (const char* op : {"QuantizeLinear", "DequantizeLinear", "QLinearConv", "ConvInteger", "MatMulInteger"}) {
    EXPECT_TRUE(is_quantized(write(op))) << op;
  }
  EXPECT_FALSE(is_quantized(write("MatMul")));
  expect_error(ErrorCode::not_found, [&] { is_quantized(folder / "none.onnx"); });
}

TEST(OpenVino, RefusesWhatIsNoGraph) {
  if (test::kSanitized) GTEST_SKIP() << "sanitizer builds leave the backends out";
  ASSERT_NO_FATAL_FAILURE(require("openvino/cpu"));
  const test::TemporaryFolder folder;
  test::write_text(folder / "text.onnx", "this is not a graph");
  SessionOptions options{.graph = folder / "text.onnx"};
  options.placement.backend = "openvino";
  expect_error(ErrorCode::model_mismatch, [&] { open_session(options); });
  options.graph = folder / "none.onnx";
  expect_error(ErrorCode::not_found, [&] { open_session(options); });
}

TEST(OpenVino, RefusesTypesThatItDoesNotPass) {
  if (test::kSanitized) GTEST_SKIP() << "sanitizer builds leave the backends out";
  ASSERT_NO_FATAL_FAILURE(require("openvino/cpu"));
  constexpr int kStringInOnnx = 8;
  const test::TemporaryFolder folder;
  test::write_text(folder / "net.onnx", test::identity_graph(kStringInOnnx, {-1}));
  SessionOptions options{.graph = folder / "net.onnx"};
  EXPECT_NO_THROW(open_session(options));
  options.placement.backend = "openvino";
  expect_contains(expect_error(ErrorCode::unsupported, [&] { open_session(options); }),
                  "'x' has elements of type string");
}

/// What is logged as a warning while a graph is opened.
std::string warnings_of(const SessionOptions& options) {
  const test::LogWatch log(LogLevel::warning);
  open_session(options);
  return log.text();
}

TEST(Settings, ThatNobodyReadsAreTold) {
  SessionOptions options = on("onnxruntime", "msd-musicnn");
  options.placement.provider = "cpu";
  options.placement.session_settings = {{"session.intra_op.allow_spinning", "0"}};
  EXPECT_EQ(warnings_of(options), "");
  options.placement.provider_settings = {{"FIRST", "1"}, {"SECOND", "2"}};
  EXPECT_EQ(warnings_of(options), "onnxruntime/cpu does not read provider settings: FIRST, SECOND\n");
}

TEST(Settings, OfOtherBackendsAreToldOrNamed) {
  if (test::kSanitized) GTEST_SKIP() << "sanitizer builds leave the backends out";
  for (const char* backend : {"openvino", "tensorflow"}) {
    ASSERT_NO_FATAL_FAILURE(require(std::string(backend) + "/cpu"));
    SessionOptions options = on(backend, "msd-musicnn");
    options.placement.session_settings = {{"session.intra_op.allow_spinning", "0"}};
    expect_contains(warnings_of(options), "does not read session settings: session.intra_op.allow_spinning");
  }
  SessionOptions options = on("openvino", "msd-musicnn");
  options.placement.provider_settings = {{"FOO", "1"}};
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { open_session(options); }), "FOO");
}

TEST(Scheduling, IsRefusedWhereThreadsBelongToTheProcess) {
  if (test::kSanitized) GTEST_SKIP() << "sanitizer builds leave the backends out";
  EngineOptions options;
  options.threads.intra_op = 2;
  options.threads.nice = 1;
  for (const char* backend : {"openvino", "tensorflow"}) {
    ASSERT_NO_FATAL_FAILURE(require(std::string(backend) + "/cpu"));
    const SessionOptions graph = on(backend, "msd-musicnn");
    options.model = graph.graph;
    options.placement = graph.placement;
    options.threads.intra_op = 2;
    expect_contains(expect_error(ErrorCode::unavailable, [&] { Engine{options}; }),
                    "its threads belong to the process");
    options.threads.intra_op = 1;
    EXPECT_NO_THROW(Engine{options});
  }
}

TEST(Precision, LowerOnesComeFromTheFirstCandidateThatCan) {
  SessionOptions options = on("auto", "msd-musicnn");
  options.placement.precision = "bf16";
  if (const auto reason = why_not("openvino/cpu", "bf16")) {
    const std::string message = expect_error(ErrorCode::unavailable, [&] { open_session(options); });
    expect_contains(message, "onnxruntime/cpu: its CPU kernels compute in fp32");
    expect_contains(message, "openvino/cpu: " + *reason);
    GTEST_SKIP() << "running in bf16: " << *reason;
  }
  const auto session = open_session(options);
  EXPECT_EQ(session->placement(), "openvino/cpu bf16");
  const std::vector<NamedTensor> inputs{{"melspectrogram", seeded_tensor({466, 96}, 7)}};
  const std::vector<std::string> outputs{"embeddings"};
  const auto exact = open_session(on("onnxruntime", "msd-musicnn"))->run(inputs, outputs, {});
  expect_close(exact[0], session->run(inputs, outputs, {})[0], 0.1F);
}

TEST(Precision, UnknownNamesAreListed) {
  SessionOptions options = on("auto", "msd-musicnn");
  options.placement.precision = "fp8";
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { open_session(options); }),
                  "no precision 'fp8'; there are auto, fp32, bf16, fp16, int8");
}

TEST(Precision, Int8WantsAQuantizedGraph) {
  SessionOptions options = on("auto", "msd-musicnn");
  options.placement.precision = "int8";
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { open_session(options); }), "quantize it first");
}

}  // namespace
}  // namespace vivace::runtime
